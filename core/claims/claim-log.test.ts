import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IdentityIndex, identityIndex, piece } from '../base/ids.ts';
import { type ClaimBatch, ClaimLog, decodeBatch, encodeBatch, MAX_BATCH } from './claim-log.ts';
import { CHUNK_PIECES, HaveBoard, OwnHaves } from './have-board.ts';

const PIECES = 5000;
const turns = fc
  .uniqueArray(fc.tuple(fc.nat(PIECES - 1), fc.nat(9)), { maxLength: 60, selector: ([p]) => p })
  .map((all) => all.map(([p, turn]) => [piece(p), turn] as const));
const batch: fc.Arbitrary<ClaimBatch> = fc.record({
  identity: fc.nat(31).map((i) => identityIndex(i)),
  claimed: turns,
  freed: turns,
});

test('what is written is read', () => {
  fc.assert(
    fc.property(batch, (one) => {
      expect(decodeBatch(encodeBatch(one), PIECES)).toEqual(one);
    }),
  );
});

test('pieces that follow one another take no more room than one', () => {
  const claimed = Array.from({ length: MAX_BATCH }, (_, p) => [piece(p), 0] as const);
  expect(encodeBatch({ identity: identityIndex(0), claimed, freed: [] }).length).toBeLessThan(100);
});

test.each([
  '',
  '[]',
  '{}',
  '{"version":2,"identity":0,"claimed":[],"freed":[]}',
  '{"version":1,"identity":32,"claimed":[],"freed":[]}',
  '{"version":1,"identity":0,"claimed":[]}',
  '{"version":1,"identity":0,"claimed":[[0,1]],"freed":[]}',
  '{"version":1,"identity":0,"claimed":[[0,1,-1]],"freed":[]}',
  '{"version":1,"identity":0,"claimed":[[0,1,1e9]],"freed":[]}',
  '{"version":1,"identity":0,"claimed":[[4999,2,0]],"freed":[]}',
  '{"version":1,"identity":0,"claimed":[[0.5,1,0]],"freed":[]}',
  // More pieces than a message has: few bytes may not be much work.
  '{"version":1,"identity":0,"claimed":[[0,5000,0]],"freed":[]}',
  '{"version":1,"identity":0,"claimed":[[0,1000,0],[0,1000,1]],"freed":[]}',
  `{"version":1,"identity":0,"claimed":[],"freed":[],"x":"${'y'.repeat(70_000)}"}`,
])('is no message: %.70s', (text) => {
  expect(decodeBatch(new TextEncoder().encode(text), PIECES)).toBeUndefined();
});

test('whatever a server hands out is read or passed over', () => {
  const known = encodeBatch({ identity: identityIndex(1), claimed: [[piece(1), 0]], freed: [[piece(2), 3]] });
  const mutated = fc.array(fc.tuple(fc.nat(known.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
    const data = known.slice();
    for (const [at, byte] of changes) data[at] = byte;
    return data;
  });
  const log = new ClaimLog();
  const board = new HaveBoard(PIECES);
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    mutated,
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(anything, fc.nat(31), (data, chunk) => {
      const one = decodeBatch(data, PIECES);
      if (one !== undefined) log.read(one);
      board.read(identityIndex(0), chunk, data);
      for (const { piece: p } of board.takeNews()) expect(p).toBeLessThan(PIECES);
      for (const p of log.claims.keys()) expect(p).toBeLessThan(PIECES);
    }),
    { numRuns: 500 },
  );
});

test('of all who claim a piece in one turn one has it, whatever else is said: the first', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 20 }), (batches) => {
      const log = new ClaimLog();
      const first = new Map<string, IdentityIndex>();
      const last = new Map<number, number>();
      for (const one of batches) {
        for (const [p, turn] of one.claimed) {
          if (turn > (last.get(p) ?? -1)) {
            first.set(`${p} ${turn}`, one.identity);
            last.set(p, turn);
          }
        }
        log.read(one);
        log.read(one);
      }
      for (const [p, turn] of last)
        expect(log.last(piece(p))).toMatchObject({ turn, holder: first.get(`${p} ${turn}`) });
    }),
  );
});

test('what an identity tells twice is news once, and what it takes back is news', () => {
  const count = CHUNK_PIECES + 9;
  const own = new OwnHaves(count);
  const board = new HaveBoard(count);
  const tell = (chunks: Iterable<number>): void => {
    for (const chunk of chunks) {
      expect(board.read(identityIndex(1), chunk, own.chunks[chunk] ?? new Uint8Array(0))).toBe(true);
    }
  };
  const news = (): [number, boolean][] => board.takeNews().map((one) => [one.piece, one.present]);
  tell(own.add([piece(3), piece(CHUNK_PIECES + 8)]));
  tell([0, 1]);
  expect(news()).toEqual([
    [3, true],
    [CHUNK_PIECES + 8, true],
  ]);
  tell(own.add([piece(4)]));
  expect(news()).toEqual([[4, true]]);
  // A process that begins anew found less on its disk.
  for (const [chunk, data] of new OwnHaves(count).chunks.entries()) board.read(identityIndex(1), chunk, data);
  expect(news()).toEqual([
    [3, false],
    [4, false],
    [CHUNK_PIECES + 8, false],
  ]);
});
