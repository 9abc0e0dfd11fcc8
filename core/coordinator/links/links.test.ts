import { expect, test } from 'vitest';
import { bytes, bytesPerSecond, torrentKey } from '../../base/ids.ts';
import { both, ETH0, ETH1, fibre, Machine, phone } from '../testing/linked-machine.ts';
import { KIB, options } from '../testing/world.ts';

test('a link that is used while another is down waits, and is used when that goes', async () => {
  const world = await new Machine().begin(fibre, { ...phone, when: { kind: 'down', interface: 'eth0' } });
  const made = world.torrent(200);
  const key = await world.add(made, both);
  await world.clock.advance(3000);
  expect(world.waits(key)).toEqual([undefined, 'down']);
  expect(world.fetched(0)).toBeGreaterThan(0);
  expect(world.fetched(1)).toBe(0);
  expect(world.given(1)).not.toContain('10.0.1.1');
  expect(world.coordinator.linkStates()).toMatchObject([
    { name: 'fibre', address: '10.0.0.1', identities: 1 },
    { name: 'phone', wait: { kind: 'down' } },
  ]);
  world.addresses = [ETH1];
  await world.clock.advance(3000);
  expect(world.given(1).at(-1)).toBe('10.0.1.1');
  expect(world.waits(key)).toEqual(['gone', undefined]);
  await world.until(key, 'done');
  await world.expectFile('/out/payload', made.payload);
});

test('an interface that comes back with another address is used by that, and the download goes on meanwhile', async () => {
  const world = await new Machine().begin(fibre, phone);
  const made = world.torrent(300);
  const key = await world.add(made, both);
  await world.clock.advance(1000);
  world.addresses = [ETH0];
  const before = world.fetched(0);
  await world.clock.advance(3000);
  expect(world.waits(key)).toEqual([undefined, 'gone']);
  expect(world.fetched(0)).toBeGreaterThan(before);
  world.addresses = [ETH0, { ...ETH1, address: '10.0.1.77' }];
  await world.clock.advance(3000);
  expect(world.given(1)).toEqual(['10.0.1.1', 'eth1', '10.0.1.77']);
  await world.until(key, 'done');
  await world.expectFile('/out/payload', made.payload);
});

test('an address alone is followed, too, where it was named by its interface', async () => {
  const world = await new Machine().begin();
  const key = await world.add(world.torrent(300), { identities: 2, bind: ['eth0', '10.0.1.1'] });
  await world.clock.advance(1000);
  world.addresses = [{ ...ETH0, address: '10.0.0.9' }, ETH1];
  await world.clock.advance(3000);
  expect(world.given(0)).toEqual(['10.0.0.1', '10.0.0.9']);
  expect(world.given(1)).toEqual(['10.0.1.1']);
  await world.until(key, 'done');
});

test('who uses a link that the user changes leaves by the new one, and by none where it is removed', async () => {
  const world = await new Machine().begin(fibre, phone);
  const key = await world.add(world.torrent(300), both);
  await world.clock.advance(1000);
  world.coordinator.setLinks([{ ...fibre, bind: 'eth1' }]);
  await world.clock.advance(2000);
  expect(world.given(0)).toEqual(['10.0.0.1', '10.0.1.1']);
  const [, last] = world.given(1);
  expect(world.addresses.map(({ address }) => address)).not.toContain(last);
  expect(last).toBeDefined();
  expect(world.waits(key)).toEqual([undefined, 'no-profile']);
  await world.until(key, 'done');
});

test('a paused download has the new link, too, when it goes on', async () => {
  const world = await new Machine().begin(fibre);
  const key = await world.add(world.torrent(50), { identities: 1, links: ['fibre'], paused: true });
  world.coordinator.setLinks([{ ...fibre, bind: 'eth1' }]);
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
  expect(world.given(0)).toEqual(['10.0.1.1']);
});

test('a link that is not in the settings is refused', async () => {
  const world = await new Machine().begin(fibre);
  const made = world.torrent(4);
  await expect(world.add(made, { links: ['phone'] })).rejects.toThrow(/"phone".*fibre/);
});

test('a metered link waits when its allowance is used up, over runs of the program, until the next month', async () => {
  const pieces = 40;
  const allowance = bytes(20 * 16 * KIB);
  // Tomorrow another month begins.
  const day = new Date(new Machine().clock.wall() + 86_400_000).getUTCDate();
  const metered = { ...phone, metered: { allowance, day } };
  const world = await new Machine().begin(metered);
  const used = () => world.coordinator.linkStates()[0]?.month?.used ?? 0;
  const key = await world.add(world.torrent(pieces), { identities: 1, links: ['phone'] });
  await world.clock.advance(20_000);
  expect(world.waits(key)).toEqual(['allowance']);
  const carried = used();
  expect(carried).toBeGreaterThanOrEqual(allowance);
  // Towards its end it is limited so that it cannot be overdrawn by much.
  expect(world.told('tune', 0).at(-1)?.tuning.limits).toMatchObject({ down: 16_384, up: 16_384 });
  await world.again(metered);
  await world.clock.advance(5000);
  expect(used()).toBe(carried);
  expect(world.waits(key)).toEqual(['allowance']);
  await world.clock.advance(86_400_000);
  await world.until(key, 'done');
  expect(used()).toBeLessThan(carried);
});

test('by a link that only seeds nothing is fetched, and nobody waits for it', async () => {
  for (const selection of ['rarest', 'fixed'] as const) {
    const world = await new Machine().begin(fibre, { ...phone, role: 'seed' });
    const made = world.torrent(60);
    const key = await world.add(made, { ...both, selection });
    await world.clock.advance(1000);
    expect(world.coordinator.download(key)?.identities[1]?.state).not.toBe('left');
    await world.until(key, 'done');
    expect(world.fetched(1)).toBe(0);
    await world.expectFile('/out/payload', made.payload);
  }
});

test('what a link may be used for may change while it is used', async () => {
  const world = await new Machine().begin(fibre, { ...phone, role: 'seed' });
  const made = world.torrent(400);
  const key = await world.add(made, { ...both, selection: 'fixed' });
  await world.clock.advance(2000);
  world.coordinator.setLinks([{ ...fibre, role: 'seed' }, phone]);
  await world.clock.advance(1000);
  const [before, after] = [world.fetched(0), world.fetched(1)];
  await world.clock.advance(3000);
  expect(world.fetched(0)).toBe(before);
  expect(world.fetched(1)).toBeGreaterThan(after);
  await world.until(key, 'done');
  await world.expectFile('/out/payload', made.payload);
});

test('by a link that only fetches nothing is uploaded, and it does not seed', async () => {
  const world = await new Machine().begin({ ...fibre, role: 'fetch' }, phone);
  const key = await world.add(world.torrent(40), { ...both, seed: { kind: 'forever' } });
  await world.until(key, 'seeding');
  await world.clock.advance(1000);
  for (const { setup } of world.told('add', 0)) expect(setup.tuning.maxUploads).toBe(0);
  for (const { tuning } of world.told('tune', 0)) expect(tuning.maxUploads).toBe(0);
  expect(world.told('tune', 1).at(-1)?.tuning.maxUploads).not.toBe(0);
  expect(world.told('seed', 0)).toEqual([]);
  expect(world.told('seed', 1)).toHaveLength(1);
  expect(world.coordinator.download(key)?.identities[0]?.state).toBe('left');
});

test('what waits for its assembly reaches its goals, too, where the first link only fetches', async () => {
  const world = await new Machine().begin({ ...fibre, role: 'fetch' }, phone);
  const key = await world.add(world.torrent(40), { ...both, assemble: false, seed: { kind: 'goals', time: 60_000 } });
  await world.until(key, 'complete');
  await world.clock.advance(50_000);
  const left = () => world.coordinator.download(key)?.identities.map(({ state }) => state === 'left');
  expect(left()).toEqual([true, false]);
  await world.clock.advance(15_000);
  expect([world.state(key), left()]).toEqual(['complete', [true, true]]);
});

test('the limits of a link hold for all downloads together', async () => {
  const world = await new Machine().begin({ ...fibre, down: bytesPerSecond(100_000) }, phone);
  for (const name of ['a', 'b', 'c']) await world.add(world.torrent(4000, { name }), both);
  await world.clock.advance(10_000);
  const last = new Map(world.told('tune', 0).map(({ key, tuning }) => [key, tuning.limits.down]));
  for (const { setup } of world.told('add', 0)) {
    if (!last.has(setup.key)) last.set(setup.key, setup.tuning.limits.down);
  }
  expect(last.size).toBe(3);
  expect([...last.values()].every((limit) => limit > 0)).toBe(true);
  expect([...last.values()].reduce((all, limit) => all + limit, 0)).toBeLessThanOrEqual(100_000 * 1.06);
  for (const { tuning } of world.told('tune', 1)) expect(tuning.limits.down).toBe(0);
});

test('metadata is fetched by a link that may fetch alone; where none may it waits, says so, and goes on when one may', async () => {
  const seeding = { ...fibre, role: 'seed' } as const;
  const world = await new Machine().begin(seeding, phone);
  const made = world.torrent(20);
  const { infoHash, raw } = made.torrent.info;
  const key = torrentKey(infoHash);
  const source = { kind: 'magnet', link: `magnet:?xt=urn:btih:${infoHash}` } as const;
  await world.clock.resolve(world.coordinator.add(source, options(both)));
  await world.clock.advance(1000);
  expect([world.given(0), world.given(1)]).toEqual([[], ['10.0.1.1']]);
  world.coordinator.setLinks([seeding, { ...phone, role: 'seed' }]);
  await world.clock.advance(1000);
  expect(world.told('leave', 1)).toHaveLength(1);
  expect(world.coordinator.download(key)).toMatchObject({ state: 'metadata', stall: { kind: 'no-fetch' } });
  world.script.infos.set(key, raw);
  world.coordinator.setLinks([fibre, { ...phone, role: 'seed' }]);
  await world.until(key, 'done');
  expect(world.given(0)[0]).toBe('10.0.0.1');
  expect(world.fetched(1)).toBe(0);
  await world.expectFile('/out/payload', made.payload);
});

test('metadata goes on by another link where the first is not to be used any more', async () => {
  const world = await new Machine().begin({ ...fibre, when: { kind: 'down', interface: 'ppp0' } }, phone);
  const made = world.torrent(20);
  const { infoHash } = made.torrent.info;
  const source = { kind: 'magnet', link: `magnet:?xt=urn:btih:${infoHash}` } as const;
  await world.clock.resolve(world.coordinator.add(source, options(both)));
  await world.clock.advance(1000);
  expect([world.given(0), world.given(1)]).toEqual([['10.0.0.1'], []]);
  world.addresses = [ETH0, ETH1, { ...ETH1, interfaceName: 'ppp0', address: '10.0.2.1' }];
  await world.clock.advance(3000);
  expect(world.told('leave', 0)).toHaveLength(1);
  expect(world.given(1)).toEqual(['10.0.1.1']);
  expect(world.waits(torrentKey(infoHash))).toEqual(['down', undefined]);
});
