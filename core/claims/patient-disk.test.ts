import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { PatientDisk } from './patient-disk.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function setUp() {
  const clock = new VirtualClock();
  const memory = new MemoryDisk({ clock });
  const said: string[] = [];
  const disk = new PatientDisk({ disk: memory, clock, folder: '/common', onTrouble: (words) => said.push(words) });
  await disk.makeDirectory('/common/claims');
  disk.expect('claims');
  /** Moves the whole folder away, as an unmount does, and back after `span`. */
  const away = async (span: number): Promise<void> => {
    await memory.rename('/common', '/elsewhere');
    await memory.makeDirectory('/common');
    clock.after(span as never, () => {
      void memory.removeDirectory('/common').then(() => memory.rename('/elsewhere', '/common'));
    });
  };
  return { clock, memory, said, disk, away };
}

describe('a common directory that goes away', () => {
  test.each(['EIO', 'ESTALE', 'ETIMEDOUT', 'EHOSTDOWN'])(
    'with %s for a minute is waited for, and told of twice',
    async (code) => {
      const { clock, memory, said, disk } = await setUp();
      const file = await disk.open('/common/have-0', 'write');
      const mend = memory.fail({ path: '/common', code });
      let done = false;
      const work = Promise.all([
        file.write(text('abc'), 0),
        disk.replaceFile('/common/resume', text('r')),
        disk.list('/common/claims'),
      ]).then(() => (done = true));
      await clock.advance(60_000);
      expect(done).toBe(false);
      mend();
      await clock.resolve(work);
      expect(said).toHaveLength(2);
      expect(said[0]).toContain(code);
      expect(memory.content('/common/have-0')).toEqual(text('abc'));
      // A second time is told anew.
      memory.fail({ path: '/common', code, times: 1 });
      await clock.resolve(disk.list('/common'));
      expect(said).toHaveLength(4);
    },
  );

  test('leaving an empty folder behind: what is missing is not believed, and no new one is made in its place', async () => {
    const { clock, memory, said, disk, away } = await setUp();
    await disk.replaceFile('/common/claims/7', text('x'));
    await away(60_000);
    const answers = Promise.all([
      disk.list('/common/claims'),
      disk.readFile('/common/claims/7', 10),
      disk.info('/common/claims/7').then((info) => info?.size),
      disk.makeDirectory('/common/pieces'),
      disk.open('/common/claims/8', 'create').then((file) => file.close()),
    ]);
    await clock.advance(30_000);
    expect(memory.paths()).not.toContain('/common/pieces/');
    expect((await clock.resolve(answers)).slice(0, 3)).toEqual([['7'], text('x'), 1]);
    expect(memory.paths()).toEqual(expect.arrayContaining(['/common/pieces/', '/common/claims/8']));
    expect(said).toHaveLength(2);
  });

  test('what is appended is there once, whatever a failed attempt left', async () => {
    const { clock, memory, disk } = await setUp();
    const file = await disk.open('/common/have-0', 'append');
    await file.write(text('one,'), 0);
    // The write gets through, but its answer does not.
    const real = memory.open.bind(memory);
    let lie = true;
    memory.open = async (path, mode) => {
      const opened = await real(path, mode);
      return {
        ...opened,
        write: async (data, position) => {
          await opened.write(lie ? data.subarray(0, 2) : data, position);
          if (lie) {
            lie = false;
            throw Object.assign(new Error('EIO'), { code: 'EIO' });
          }
        },
      };
    };
    const second = await disk.open('/common/have-0', 'append');
    await clock.resolve(second.write(text('two,'), 0));
    await second.close();
    expect(new TextDecoder().decode(memory.content('/common/have-0'))).toBe('one,two,');
  });

  test.each(['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'])('%s is told at once', async (code) => {
    const { clock, memory, said, disk } = await setUp();
    memory.fail({ path: '/common', code });
    await expect(disk.replaceFile('/common/x', text('x'))).rejects.toMatchObject({ code: 'disk' });
    expect(clock.now()).toBe(0);
    expect(said).toEqual([]);
  });

  test('outside of it nothing is waited for, nor when it is in a hurry, nor for ever', async () => {
    const { clock, memory, disk } = await setUp();
    memory.fail({ path: '/', code: 'EIO' });
    await expect(disk.list('/out')).rejects.toMatchObject({ code: 'disk' });
    await expect(clock.resolve(disk.list('/common'))).rejects.toMatchObject({ code: 'disk' });
    expect(clock.now()).toBeGreaterThan(10 * 60_000);

    const waiting = disk.list('/common');
    disk.hurry();
    await expect(waiting).rejects.toMatchObject({ code: 'disk' });
  });
});
