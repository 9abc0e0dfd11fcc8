import { describe, expect, test } from 'vitest';
import { type TorrentKey, torrentKey } from '../../base/ids.ts';
import type { LinkProfile } from '../../engine/link-profiles.ts';
import type { LocalAddress } from '../../ports/interfaces.ts';
import { both, ETH0, ETH1, fibre, Machine, phone } from '../testing/linked-machine.ts';
import { options } from '../testing/world.ts';

describe('links that are chosen anew', () => {
  const line: LinkProfile = { ...fibre, name: 'line', bind: 'eth2' };
  const ETH2: LocalAddress = { ...ETH0, interfaceName: 'eth2', address: '10.0.2.1' };
  const begin = async (): Promise<Machine> => {
    const world = new Machine();
    world.addresses = [ETH0, ETH1, ETH2];
    return world.begin(fibre, phone, line);
  };
  const change = (world: Machine, key: TorrentKey, links: readonly string[]): Promise<void> =>
    world.clock.resolve(world.coordinator.change(key, { links }));
  /** Each piece was fetched once, and the file is right. */
  const expectOnce = async (world: Machine, made: ReturnType<Machine['torrent']>): Promise<void> => {
    const { verified } = world.script;
    expect(verified).toHaveLength(new Set(verified).size);
    expect(world.coordinator.downloads()).toMatchObject([{ duplicatePieces: 0 }]);
    await world.expectFile('/out/payload', made.payload);
  };

  test('as many: who keeps his goes on, who lost his leaves and comes back by the new one', async () => {
    const world = await begin();
    const made = world.torrent(200);
    const key = await world.add(made, both);
    await world.clock.advance(2000);
    await change(world, key, ['line', 'phone']);
    await world.until(key, 'done');
    expect([world.given(0), world.given(1)]).toEqual([['10.0.0.1', '10.0.2.1'], ['10.0.1.1']]);
    expect(world.coordinator.download(key)?.options.links).toEqual(['line', 'phone']);
    await expectOnce(world, made);
  });

  test.each([
    [['phone'], ['10.0.1.1']],
    [
      ['fibre', 'phone', 'line'],
      ['10.0.0.1', '10.0.1.1', '10.0.2.1'],
    ],
    [[], [undefined]],
  ])('another number (%j): an identity for each, which go on with what is there', async (links, addresses) => {
    const world = await begin();
    const made = world.torrent(200);
    const key = await world.add(made, both);
    await world.clock.advance(2000);
    await change(world, key, links);
    const here = world.coordinator.download(key);
    expect(here?.identities).toHaveLength(addresses.length);
    expect(here?.pieces.have).toBeGreaterThan(0);
    await world.until(key, 'done');
    addresses.forEach((address, i) => expect(world.given(i).at(-1)).toBe(address));
    await expectOnce(world, made);
  });

  test('while it is paused it stays so, and has them when it goes on; over the end of the program, too', async () => {
    for (const links of [['line', 'fibre'], ['line']]) {
      const world = await begin();
      const made = world.torrent(200);
      const key = await world.add(made, both);
      await world.clock.advance(2000);
      await world.clock.resolve(world.coordinator.pause(key));
      await change(world, key, links);
      await world.clock.advance(5000);
      expect(world.state(key)).toBe('paused');
      await world.again(fibre, phone, line);
      expect(world.coordinator.download(key)?.options.links.toSorted()).toEqual(links.toSorted());
      expect(world.state(key)).toBe('paused');
      await world.clock.resolve(world.coordinator.resume(key));
      await world.until(key, 'done');
      expect(world.given(0).at(-1)).toBe(links[0] === 'line' && links.length === 1 ? '10.0.2.1' : '10.0.0.1');
      await expectOnce(world, made);
    }
  });

  test('a seed goes on by the new one, and nothing is fetched', async () => {
    const world = await begin();
    const made = world.torrent(20);
    const key = await world.add(made, { ...both, seed: { kind: 'forever' } });
    await world.until(key, 'seeding');
    await change(world, key, ['line']);
    await world.until(key, 'seeding');
    await world.clock.advance(3000);
    expect(world.given(0).at(-1)).toBe('10.0.2.1');
    await expectOnce(world, made);
  });

  test('while it is assembled nobody uses the one before any more, and it seeds by the new one afterwards', async () => {
    const world = await begin();
    const made = world.torrent(200);
    const changes = { layout: 'parts', assemble: false, seed: { kind: 'forever' } } as const;
    const key = await world.add(made, { ...both, ...changes });
    await world.until(key, 'complete');
    world.disk.delay = () => 50;
    const told = world.coordinator.assemble(key);
    await world.until(key, 'assembling');
    await change(world, key, ['line', 'phone']);
    await world.clock.advance(5000);
    expect([world.state(key), world.told('pause', 0).length]).toEqual(['assembling', 1]);
    world.disk.delay = undefined;
    await world.clock.resolve(told);
    await world.until(key, 'seeding');
    await world.clock.advance(3000);
    expect(world.given(0)).toEqual(['10.0.0.1', '10.0.2.1']);
    await expectOnce(world, made);
  });

  test('metadata is fetched by the new one', async () => {
    const world = await begin();
    const made = world.torrent(20);
    const { infoHash, raw } = made.torrent.info;
    const key = torrentKey(infoHash);
    const source = { kind: 'magnet', link: `magnet:?xt=urn:btih:${infoHash}` } as const;
    await world.clock.resolve(world.coordinator.add(source, options({ identities: 1, links: ['fibre'] })));
    await world.clock.advance(1000);
    world.script.infos.set(key, raw);
    await change(world, key, ['line']);
    await world.until(key, 'done');
    expect(world.given(0).slice(0, 2)).toEqual(['10.0.0.1', '10.0.2.1']);
    await expectOnce(world, made);
  });

  test('several on a private torrent may be confirmed with them', async () => {
    const world = await begin();
    const key = await world.add(world.torrent(200, { private: true }), { identities: 1, links: ['fibre'] });
    await world.clock.advance(1000);
    const confirmed = { links: ['fibre', 'phone'], allowPrivate: true };
    await world.clock.resolve(world.coordinator.change(key, confirmed));
    expect(world.coordinator.download(key)).toMatchObject({ options: confirmed, identities: [{}, {}] });
  });

  test('what cannot be is refused, and nothing changes', async () => {
    const world = await begin();
    const made = world.torrent(200, { private: true });
    const key = await world.add(made, { identities: 1, links: ['fibre'] });
    await world.clock.advance(1000);
    await expect(change(world, key, ['fibre', 'phone'])).rejects.toMatchObject({ code: 'private' });
    await expect(change(world, key, ['other'])).rejects.toMatchObject({ code: 'usage' });
    await expect(
      world.clock.resolve(world.coordinator.change(key, { links: [], bind: ['10.9.9.9'] })),
    ).rejects.toMatchObject({ code: 'usage' });
    expect(world.coordinator.download(key)).toMatchObject({ options: { identities: 1, links: ['fibre'], bind: [] } });
    await world.until(key, 'done');
    expect(world.given(0)).toEqual(['10.0.0.1']);
  });

  test.each([[['line']], [['line', 'phone']]])(
    'a choice of files that cannot be is refused with %j, too',
    async (links) => {
      const world = await begin();
      const made = world.torrent(200);
      const key = await world.add(made, both);
      await world.clock.advance(1000);
      const wrong = world.coordinator.change(key, { links, filePriorities: [4, 4, 4] });
      await expect(world.clock.resolve(wrong)).rejects.toMatchObject({ code: 'usage' });
      expect(world.coordinator.download(key)).toMatchObject({ state: 'downloading', options: both });
      await world.until(key, 'done');
      await expectOnce(world, made);
    },
  );
});
