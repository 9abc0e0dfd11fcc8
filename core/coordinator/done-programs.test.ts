import { expect, test } from 'vitest';
import { NO_RULES } from '../engine/list-rules.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { World } from './testing/world.ts';

/** A world that keeps what it runs. */
function running(code: number | EnsembleError = 0): { world: World; ran: string[][]; failures(): string[] } {
  const world = new World();
  const ran: string[][] = [];
  world.programs = {
    run: (words, env) => {
      ran.push([...words, ...Object.values(env).slice(0, 2)]);
      return code instanceof EnsembleError ? Promise.reject(code) : Promise.resolve(code);
    },
  };
  const failures = (): string[] =>
    world.events.flatMap((event) => (event.type === 'log' && event.level === 'error' ? [event.message] : []));
  return { world, ran, failures };
}

test('its program runs once, when the files have their names', async () => {
  const { world, ran } = running();
  const whenDone = ['/bin/tell', '{name} in {folder}', '{hash}', '{size}'];
  const made = world.torrent(4);
  const key = await world.add(made, { whenDone });
  await world.until(key, 'done');
  const { infoHash, length } = made.torrent.info;
  expect(ran).toEqual([['/bin/tell', 'payload in /out', infoHash, String(length), 'payload', '/out/payload']]);
  await world.clock.resolve(world.coordinator.recheck(key));
  await world.until(key, 'done');
  expect(ran).toHaveLength(1);
});

test('without assembly it runs when every piece is there, and not again after a check', async () => {
  const { world, ran } = running();
  const key = await world.add(world.torrent(4), { whenDone: ['x'], assemble: false });
  await world.until(key, 'complete');
  expect(ran).toHaveLength(1);
  await world.clock.resolve(world.coordinator.recheck(key));
  await world.until(key, 'complete');
  await world.clock.resolve(world.coordinator.assemble(key));
  expect(ran).toHaveLength(1);
});

test('a download’s own comes before its category’s, and that before the one for all', async () => {
  const { world, ran } = running();
  world.coordinator.setRules({
    ...NO_RULES,
    whenDone: ['all'],
    categories: [{ name: 'films', whenDone: ['films'] }, { name: 'plain' }],
  });
  for (const [name, category, whenDone] of [
    ['a', '', []],
    ['b', 'films', []],
    ['c', 'plain', []],
    ['d', 'films', ['own']],
  ] as const) {
    await world.until(await world.add(world.torrent(2, { name }), { category, whenDone }), 'done');
  }
  expect(ran.map(([program]) => program)).toEqual(['all', 'films', 'all', 'own']);
});

test('what fails is told of the download, which stays done', async () => {
  for (const code of [3, new EnsembleError('usage', 'x cannot be run.')]) {
    const { world, failures } = running(code);
    const key = await world.add(world.torrent(2), { whenDone: ['x'] });
    await world.until(key, 'done');
    await world.clock.advance(1000);
    expect(failures()).toHaveLength(1);
    expect(world.state(key)).toBe('done');
  }
});

test('a torrent whose name would be an option is not handed over', async () => {
  const { world, ran, failures } = running();
  const key = await world.add(world.torrent(2, { name: '-rf' }), { whenDone: ['x', '{name}'] });
  await world.until(key, 'done');
  expect(ran).toEqual([]);
  expect(failures()).toHaveLength(1);
});

test('few run at a time', async () => {
  const { world } = running();
  let now = 0;
  let most = 0;
  world.programs = {
    run: async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => world.clock.after(millis(60_000), resolve));
      now--;
      return 0;
    },
  };
  const keys = [];
  for (let i = 0; i < 9; i++) keys.push(await world.add(world.torrent(1, { name: `n${i}` }), { whenDone: ['x'] }));
  for (const key of keys) await world.until(key, 'done');
  await world.clock.advance(300_000);
  expect(most).toBe(4);
  expect(now).toBe(0);
});
