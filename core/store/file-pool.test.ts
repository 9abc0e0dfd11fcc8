import { describe, expect, it } from 'vitest';
import { diskError, systemError } from '../ports/system-error.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { FilePool } from './file-pool.ts';

async function bench(limit: number): Promise<{ disk: MemoryDisk; pool: FilePool }> {
  const disk = new MemoryDisk();
  for (let i = 0; i < 10; i++) disk.put(`/d/${i}`, new Uint8Array([i]));
  return { disk, pool: new FilePool(disk, limit) };
}

async function first(pool: FilePool, path: string): Promise<number | undefined> {
  const into = new Uint8Array(1);
  await pool.use(path, 'read', (file) => file.read(into, 0));
  return into[0];
}

describe('the pool of open files', () => {
  it('keeps at most so many open, those used last', async () => {
    const { disk, pool } = await bench(3);
    for (let i = 0; i < 10; i++) expect(await first(pool, `/d/${i}`)).toBe(i);
    expect(pool.size).toBe(3);
    const opened = disk.counts.get('open');
    await Promise.all([7, 8, 9].map((i) => first(pool, `/d/${i}`)));
    expect(disk.counts.get('open')).toBe(opened);
    await pool.close('/d/');
    expect(disk.openFiles).toBe(0);
  });

  it('never closes a file that is in use, and gives all of many users their file', async () => {
    const { disk, pool } = await bench(2);
    const got = await Promise.all(Array.from({ length: 100 }, (_, i) => first(pool, `/d/${i % 10}`)));
    expect(got).toEqual(Array.from({ length: 100 }, (_, i) => i % 10));
    expect(pool.size).toBeLessThanOrEqual(2);
    await pool.close('/');
    expect(disk.openFiles).toBe(0);
  });

  it('closes what is not in use where the system opens nothing more, and keeps less open from then on', async () => {
    const { disk, pool } = await bench(256);
    const open = disk.open.bind(disk);
    let most = 5;
    disk.open = (...args) =>
      disk.openFiles >= most ? Promise.reject(diskError('open', '/', systemError('EMFILE'))) : open(...args);
    for (let i = 0; i < 10; i++) expect(await first(pool, `/d/${i}`)).toBe(i);
    expect(pool.size).toBeLessThanOrEqual(5);
    await pool.use('/d/new', 'write', (file) => file.write(new Uint8Array([77]), 0));
    most = 256;
    for (let round = 0; round < 3; round++) for (let i = 0; i < 10; i++) await first(pool, `/d/${i}`);
    expect(pool.size).toBeLessThan(10);
    await pool.close('/');
    expect(disk.openFiles).toBe(0);
    most = 0;
    await expect(first(pool, '/d/1')).rejects.toMatchObject({ message: expect.stringContaining('EMFILE') });
  });

  it('opens a file anew when it is to be written, and serves reads through that', async () => {
    const { disk, pool } = await bench(4);
    await first(pool, '/d/1');
    await pool.use('/d/1', 'write', (file) => file.write(new Uint8Array([77]), 0));
    const opened = disk.counts.get('open');
    expect(await first(pool, '/d/1')).toBe(77);
    expect(disk.counts.get('open')).toBe(opened);
    await pool.close('/d/1');
    expect(disk.openFiles).toBe(0);
  });

  it('does not remember a file that could not be opened', async () => {
    const { disk, pool } = await bench(4);
    await expect(first(pool, '/d/x')).rejects.toMatchObject({ code: 'disk' });
    disk.put('/d/x', new Uint8Array([5]));
    expect(await first(pool, '/d/x')).toBe(5);
  });

  it('opens a file again whose handle went stale', async () => {
    const { disk, pool } = await bench(4);
    await first(pool, '/d/1');
    disk.crash('process');
    expect(await first(pool, '/d/1')).toBe(1);
    const end = disk.fail({ operation: 'read', code: 'ESTALE' });
    await expect(first(pool, '/d/1')).rejects.toMatchObject({ code: 'disk' });
    end();
  });
});
