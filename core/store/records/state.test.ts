import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import { type InfoHashV1, identityIndex, piece as p, type PieceIndex } from '../../base/ids.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { Journal, JournalKind, journalPath, readJournal, recordLost } from './journal.ts';
import { loadState, saveState, type SavedState, type StateToSave } from './state.ts';

const infoHash = 'a'.repeat(40) as InfoHashV1;
const COUNT = 30;
const HEADER = 52;
const at = { workFolder: '/work', infoHash, pieceCount: COUNT };

function bits(...pieces: number[]): Bitfield {
  const out = new Bitfield(COUNT);
  for (const index of pieces) out.add(index);
  return out;
}

function toSave(over: Partial<StateToSave> = {}): StateToSave {
  const owners = new Uint8Array(COUNT).fill(255);
  return { have: bits(), owners, unsynced: [], begun: [], downloaded: 0, uploaded: 0, ...over };
}

async function write(disk: MemoryDisk, identity: number, ...events: [JournalKind, ...number[]][]): Promise<void> {
  await disk.makeDirectory('/work');
  const journal = new Journal(disk, journalPath('/work', identityIndex(identity)), infoHash);
  for (const [kind, ...pieces] of events) await journal.append(kind, pieces as PieceIndex[]);
  await journal.close();
}

const haves = (state: SavedState): number[] => [...state.have.indexes()];
const { verified, synced, lost } = JournalKind;

describe('the state of a download', () => {
  it('is that of a new one where nothing is', async () => {
    const state = await loadState(new MemoryDisk(), at);
    expect(state).toMatchObject({ damaged: false, unsynced: [], begun: [], downloaded: 0 });
    expect(state.have.isEmpty).toBe(true);
  });

  it('comes back as it was saved at a clean stop, without the journals', async () => {
    const disk = new MemoryDisk();
    await write(disk, 1, [verified, 3]);
    const owners = new Uint8Array(COUNT).fill(255);
    owners[3] = 1;
    const begun = [{ piece: p(7), blocks: new Uint8Array([0xa0, 0x01]) }];
    await saveState(disk, at, toSave({ have: bits(3, 29), owners, begun, downloaded: 2 ** 40, uploaded: 5 }), true);
    expect(await disk.list('/work')).toEqual(['resume']);
    const state = await loadState(disk, at);
    expect(state).toMatchObject({ clean: true, unsynced: [], begun, downloaded: 2 ** 40, uploaded: 5 });
    expect(haves(state)).toEqual([3, 29]);
    expect(state.owners).toEqual(owners);
  });

  const CASES: {
    what: string;
    resume?: Partial<StateToSave>;
    journals: [JournalKind, ...number[]][][];
    have: number[];
    recheck: number[];
  }[] = [
    {
      what: 'verified and synced',
      journals: [
        [
          [verified, 1],
          [verified, 2],
          [synced, 1],
        ],
      ],
      have: [1, 2],
      recheck: [2],
    },
    {
      what: 'two identities',
      journals: [
        [[verified, 1]],
        [
          [verified, 2],
          [synced, 2],
        ],
      ],
      have: [1, 2],
      recheck: [1],
    },
    {
      what: 'an end-game',
      journals: [
        [[verified, 1]],
        [
          [verified, 1],
          [synced, 1],
        ],
      ],
      have: [1],
      recheck: [],
    },
    { what: 'a newer journal', resume: { have: bits(5) }, journals: [[[verified, 1]]], have: [1, 5], recheck: [1] },
    {
      what: 'a loss',
      resume: { have: bits(1, 5) },
      journals: [
        [
          [verified, 1],
          [lost, 1, 5],
        ],
      ],
      have: [],
      recheck: [],
    },
    {
      what: 'a loss made good by the same',
      journals: [
        [
          [verified, 1],
          [synced, 1],
          [lost, 1],
          [verified, 1],
        ],
      ],
      have: [1],
      recheck: [1],
    },
    { what: 'a loss made good by another', journals: [[[lost, 1]], [[verified, 1]]], have: [1], recheck: [1] },
    {
      what: 'unsynced before',
      resume: { have: bits(4, 5), unsynced: [p(4)] },
      journals: [[]],
      have: [4, 5],
      recheck: [4],
    },
    {
      what: 'unsynced before, synced since',
      resume: { have: bits(4), unsynced: [p(4)] },
      journals: [
        [
          [verified, 4],
          [synced, 4],
        ],
      ],
      have: [4],
      recheck: [],
    },
  ];
  it.each(CASES)('joins resume record and journals: $what', async ({ resume, journals, have, recheck }) => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave(resume), true);
    for (const [identity, events] of journals.entries()) await write(disk, identity, ...events);
    const state = await loadState(disk, at);
    expect(haves(state)).toEqual(have);
    expect(state.unsynced).toEqual(recheck);
    expect(state.damaged).toBe(false);
  });

  it('gives each piece to the identity whose journal has it', async () => {
    const disk = new MemoryDisk();
    await write(disk, 0, [verified, 1]);
    await write(disk, 11, [verified, 2]);
    const { owners } = await loadState(disk, at);
    expect([owners[1], owners[2], owners[3]]).toEqual([0, 11, 255]);
  });

  it('does not use the blocks of begun pieces after an unclean end', async () => {
    const disk = new MemoryDisk();
    const begun = [{ piece: p(7), blocks: new Uint8Array([0x80]) }];
    await saveState(disk, at, toSave({ begun }), true);
    await write(disk, 0, [verified, 1]);
    expect((await loadState(disk, at)).begun).toEqual([]);
    await saveState(disk, at, toSave({ begun }), false);
    expect((await loadState(disk, at)).begun).toEqual([]);
  });

  it('takes pieces back that were found wrong, while their identities go on', async () => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave({ have: bits(8) }), true);
    await disk.makeDirectory('/work');
    const running = new Journal(disk, journalPath('/work', identityIndex(1)), infoHash);
    await running.append(verified, [p(1), p(2)]);
    await write(disk, 0, [verified, 3]);
    await recordLost(disk, '/work', infoHash, COUNT, [p(2), p(3), p(8)]);
    expect(haves(await loadState(disk, at))).toEqual([1]);
    await running.append(verified, [p(8)]);
    expect(haves(await loadState(disk, at))).toEqual([1, 8]);
  });

  it('takes pieces back when there is only the resume record', async () => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave({ have: bits(8, 9) }), true);
    await recordLost(disk, '/work', infoHash, COUNT, [p(9)]);
    expect(haves(await loadState(disk, at))).toEqual([8]);
  });

  it('keeps a record for each identity that has no coordinator', async () => {
    const disk = new MemoryDisk();
    await write(disk, 0, [verified, 1]);
    await write(disk, 1, [verified, 2]);
    const own = { ...at, identity: identityIndex(1) };
    await saveState(disk, own, toSave({ have: bits(2) }), true);
    expect((await disk.list('/work')).toSorted()).toEqual(['have-0', 'resume-1']);
    expect(haves(await loadState(disk, own))).toEqual([1, 2]);
  });
});

describe('a record that is gone', () => {
  it.each(['files/a', 'pieces/3', 'part-0.1', 'part-7', 'have-0'])(
    'where %s lies, everything is read again',
    async (name) => {
      const disk = new MemoryDisk();
      await write(disk, 0, [verified, 3], [synced, 3]);
      disk.put(`/work/${name}`, disk.content('/work/have-0') ?? expect.fail());
      if (name !== 'have-0') await disk.remove('/work/have-0');
      expect(await loadState(disk, at)).toMatchObject({ damaged: true, clean: false });
      await saveState(disk, at, toSave(), false);
      expect((await loadState(disk, at)).damaged).toBe(false);
    },
  );

  it('of a folder that was only claimed is none', async () => {
    const disk = new MemoryDisk();
    for (const name of ['manifest.json', 'lock', 'torrent']) disk.put(`/work/${name}`, new Uint8Array(1));
    expect((await loadState(disk, at)).damaged).toBe(false);
  });

  it('is the own journal, of an identity without a coordinator', async () => {
    const disk = new MemoryDisk();
    await write(disk, 0, [verified, 1]);
    await write(disk, 1, [verified, 2]);
    const identity = identityIndex(1);
    expect((await loadState(disk, { ...at, identity })).damaged).toBe(false);
    disk.put('/work/have-0', disk.content('/work/have-0')?.fill(9, 20) ?? expect.fail());
    expect((await loadState(disk, { ...at, identity })).damaged).toBe(false);
    await disk.remove('/work/have-1');
    expect((await loadState(disk, { ...at, identity })).damaged).toBe(true);
  });
});

describe('a damaged record', () => {
  it.each(['resume', 'have-0'])('never makes a piece count that is not there: every byte of %s', async (name) => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave({ have: bits(1, 2, 20), unsynced: [p(2)] }), true);
    await write(disk, 0, [verified, 3, 4], [synced, 3], [verified, 20], [lost, 20]);
    await saveState(disk, at, toSave({ have: bits(1, 2), unsynced: [p(2)] }), false);
    const sound = await loadState(disk, at);
    const trusted = (state: SavedState): number[] => haves(state).filter((i) => !state.unsynced.includes(p(i)));
    expect(trusted(sound)).toEqual([1, 3]);
    const data = disk.content(`/work/${name}`) ?? expect.fail();
    for (let i = 0; i < data.length; i++) {
      for (const change of [0x01, 0x80, 0xff]) {
        disk.put(`/work/${name}`, data.with(i, (data[i] ?? 0) ^ change));
        const state = await loadState(disk, at);
        expect(state.damaged).toBe(true);
        expect(trusted(state)).toEqual([]);
      }
    }
    disk.put(`/work/${name}`, data);
    expect(trusted(await loadState(disk, at))).toEqual([1, 3]);
  });

  it('a resume record cut at any byte is damaged', async () => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave({ have: bits(1) }), true);
    const data = disk.content('/work/resume') ?? expect.fail();
    for (let end = 0; end < data.length; end++) {
      disk.put('/work/resume', data.subarray(0, end));
      expect(await loadState(disk, at)).toMatchObject({ damaged: true, clean: false, unsynced: [] });
    }
  });

  it('of another torrent, or of another number of pieces, counts as damaged', async () => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave({ have: bits(1) }), true);
    const other = 'b'.repeat(40) as InfoHashV1;
    expect(await loadState(disk, { ...at, infoHash: other })).toMatchObject({ damaged: true });
    const state = await loadState(disk, { ...at, pieceCount: COUNT + 1 });
    expect(state.damaged).toBe(true);
    expect(state.have.isEmpty).toBe(true);
  });

  it.each(['resume', 'have-0'])('of a newer version is refused by name: %s', async (name) => {
    const disk = new MemoryDisk();
    await saveState(disk, at, toSave(), true);
    await write(disk, 0, [verified, 1]);
    const data = disk.content(`/work/${name}`) ?? expect.fail();
    const newer = data.slice();
    newer[7] = 2;
    const { crc32 } = await import('node:zlib');
    new DataView(newer.buffer).setUint32(8, crc32(newer.subarray(0, 8)));
    disk.put(`/work/${name}`, newer);
    await expect(loadState(disk, at)).rejects.toMatchObject({
      code: 'newer-version',
      message: expect.stringContaining(`/work/${name}`),
    });
  });

  it('resume record: any bytes are read without a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (data) => {
        const disk = new MemoryDisk();
        disk.put('/work/resume', data);
        disk.put('/work/have-0', data);
        expect((await loadState(disk, at)).have.isEmpty).toBe(true);
      }),
    );
  });
});

describe('a journal', () => {
  const path = '/work/have-0';

  it('cut at any byte keeps its whole records, and goes on behind them', async () => {
    const disk = new MemoryDisk();
    await write(disk, 0, [verified, 1], [verified, 2], [synced, 1]);
    const data = disk.content(path) ?? expect.fail();
    expect(data.length).toBe(HEADER + 3 * 12);
    for (let end = 0; end <= data.length; end++) {
      disk.put(path, data.subarray(0, end));
      const whole = Math.max(0, Math.floor((end - HEADER) / 12));
      const read = await readJournal(disk, path, infoHash, COUNT);
      expect(read?.records.length ?? 0).toBe(whole);
      expect(read?.damaged ?? false).toBe(false);
      await write(disk, 0, [verified, 9]);
      const after = await readJournal(disk, path, infoHash, COUNT);
      expect(after?.records.length).toBe(whole + 1);
      expect(after?.records.at(-1)).toEqual({ kind: verified, piece: 9 });
    }
  });

  it('whose last block was taken but never written is torn, not damaged', async () => {
    const disk = new MemoryDisk();
    await write(disk, 0, [verified, 1], [verified, 2]);
    const data = disk.content(path) ?? expect.fail();
    disk.put(path, data.fill(0, HEADER + 12));
    const read = await readJournal(disk, path, infoHash, COUNT);
    expect(read).toMatchObject({ damaged: false, records: [{ kind: verified, piece: 1 }] });
  });

  it('is read on from where the last reading ended', async () => {
    const disk = new MemoryDisk();
    await write(disk, 0, [verified, 1]);
    const first = await readJournal(disk, path, infoHash, COUNT);
    await write(disk, 0, [verified, 2], [synced, 1, 2]);
    const second = await readJournal(disk, path, infoHash, COUNT, first?.end);
    expect(second?.records.map((record) => record.piece)).toEqual([2, 1, 2]);
    expect((await readJournal(disk, path, infoHash, COUNT, second?.end))?.records).toEqual([]);
  });

  it('goes on whole after an append that the full disk cut short', async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory('/work');
    const journal = new Journal(disk, path, infoHash);
    await journal.append(verified, [p(1)]);
    const end = disk.fail({ operation: 'write', code: 'ENOSPC' });
    await expect(journal.append(verified, [p(2)])).rejects.toMatchObject({ code: 'disk' });
    end();
    const data = disk.content(path) ?? expect.fail();
    disk.put(path, new Uint8Array([...data, 1, 0, 0, 0, 0]));
    await Promise.all([journal.append(verified, [p(3)]), journal.append(synced, [p(3)])]);
    const read = await readJournal(disk, path, infoHash, COUNT);
    expect(read).toMatchObject({ damaged: false });
    expect(read?.records.map((record) => record.piece)).toEqual([1, 3, 3]);
  });

  it('puts what comes while it writes into one append', async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory('/work');
    const journal = new Journal(disk, path, infoHash);
    await journal.append(verified, [p(0)]);
    const before = disk.counts.get('write') ?? 0;
    await Promise.all(Array.from({ length: COUNT }, (_, i) => journal.append(verified, [p(i)])));
    expect((disk.counts.get('write') ?? 0) - before).toBeLessThanOrEqual(2);
    expect((await readJournal(disk, path, infoHash, COUNT))?.records.length).toBe(COUNT + 1);
  });
});
