import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '../../sim/disk.ts';
import { SeededRandom } from '../../sim/random.ts';
import { DhtKept } from './dht-kept.ts';

const FILE = '/state/dht.json';
const kept = (family: 4 | 6, id: string) => ({ version: 1, family, id: id.repeat(20), nodes: ['10.0.0.1:1'] }) as const;

async function reopened(disk: MemoryDisk): Promise<DhtKept> {
  const next = new DhtKept({ disk, random: new SeededRandom(1), folder: '/state' });
  await next.read();
  return next;
}

async function put(disk: MemoryDisk, content: unknown): Promise<void> {
  await disk.makeDirectory('/state');
  await disk.replaceFile(
    FILE,
    new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)),
  );
}

test('what is kept is there the next time, of at most 32 addresses, the last ones', async () => {
  const disk = new MemoryDisk();
  const first = await reopened(disk);
  await first.write();
  expect(await disk.readFile(FILE, 1e6)).toBeUndefined();
  for (let i = 0; i < 40; i++) first.keep(`10.0.0.${i}`, kept(4, i.toString(16).padStart(2, '0')));
  first.keep('10.0.0.9', kept(4, 'ff'));
  await first.write();
  const second = await reopened(disk);
  expect(second.of('10.0.0.9')).toEqual(kept(4, 'ff'));
  expect(second.of('10.0.0.39')).toEqual(kept(4, '27'));
  // Forgotten: the newest of the family serves, under another id, so that no two nodes have the same one.
  expect(second.of('10.0.0.7')).toMatchObject({ nodes: ['10.0.0.1:1'] });
  expect(second.of('10.0.0.7')!.id).not.toBe(kept(4, 'ff').id);
  expect(second.of('2001:db8::1')).toBeUndefined();
});

describe('a file that is', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['of another form', { version: 1, nodes: [{ address: '10.0.0.1', kept: { ...kept(4, '11'), id: 'x' } }] }],
    [
      'too long',
      { version: 1, nodes: [{ address: '10.0.0.1', kept: { ...kept(4, '11'), nodes: Array(201).fill('a:1') } }] },
    ],
  ])('%s counts as none, and is replaced', async (_, content) => {
    const disk = new MemoryDisk();
    await put(disk, content);
    const opened = await reopened(disk);
    expect(opened.of('10.0.0.1')).toBeUndefined();
    opened.keep('10.0.0.1', kept(4, '22'));
    await opened.write();
    expect((await reopened(disk)).of('10.0.0.1')).toEqual(kept(4, '22'));
  });

  test('of a newer program is left alone', async () => {
    const disk = new MemoryDisk();
    await put(disk, { version: 2, more: true });
    const opened = await reopened(disk);
    opened.keep('10.0.0.1', kept(4, '22'));
    await opened.write();
    expect(new TextDecoder().decode(await disk.readFile(FILE, 1e6))).toContain('"more":true');
  });
});

test('nothing is written where the folder is another program’s by now, or cannot be written to', async () => {
  const disk = new MemoryDisk();
  const foreign = new DhtKept({
    disk,
    random: new SeededRandom(1),
    folder: '/state',
    held: () => Promise.resolve(false),
  });
  foreign.keep('10.0.0.1', kept(4, '22'));
  await foreign.write();
  expect(await disk.readFile(FILE, 1e6)).toBeUndefined();
  const nowhere = new DhtKept({ disk, random: new SeededRandom(1), folder: undefined });
  nowhere.keep('10.0.0.1', kept(4, '22'));
  await nowhere.write();
  const full = new MemoryDisk();
  full.replaceFile = () => Promise.reject(new Error('full'));
  const failing = new DhtKept({ disk: full, random: new SeededRandom(1), folder: '/state' });
  failing.keep('10.0.0.1', kept(4, '22'));
  await failing.write();
});
