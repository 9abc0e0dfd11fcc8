import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  httpTracker,
  Libtorrent,
  makeTorrent,
  startAria2Leech,
  startOpentracker,
  startTransmissionSeed,
  udpTracker,
} from './support/clients.ts';
import { address, Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { makePayload, PAYLOADS, treeOf } from './support/trees.ts';

// Real clients among themselves: shows that what the other suites rely on works here at all.
interop('the lab', ['libtorrent', 'aria2', 'transmission', 'opentracker'], false, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterEach(() => lab?.clear());
  afterAll(() => lab?.close());

  it.each([
    ['http', httpTracker(address(1))],
    ['udp', udpTracker(address(1))],
  ])('libtorrent downloads from libtorrent over opentracker by %s', async (kind, tracker) => {
    const folder = await lab.makeFolder(`seed-${kind}`);
    const name = await makePayload(folder, PAYLOADS.multi);
    const made = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [tracker] });
    await startOpentracker(lab, address(1), [made.infoHash]);
    const seed = new Libtorrent(lab, {
      role: 'seed',
      address: address(2),
      torrent: made.torrent,
      folder,
      uploadLimit: 4 << 20,
    });
    await seed.untilAnnounced();
    const out = await lab.makeFolder(`leech-${kind}`);
    const leech = new Libtorrent(lab, { role: 'leech', address: address(3), torrent: made.torrent, folder: out });
    await leech.untilSeeding(30);
    await seed.child.until(() => seed.status?.seen.some((peer) => peer.host === address(3)) === true, 'the leecher', 5);
    expect(seed.status?.uploaded).toBeGreaterThan(2_900_000);
    await lab.clear();
    expect(await treeOf(out)).toEqual(await treeOf(folder));
  });

  it('aria2 downloads from Transmission', async () => {
    const folder = await lab.makeFolder('seed-transmission');
    const name = await makePayload(folder, PAYLOADS.single);
    const made = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [httpTracker(address(1))] });
    await startOpentracker(lab, address(1), [made.infoHash]);
    await startTransmissionSeed(lab, { address: address(2), torrent: made.torrent, folder });
    const out = await lab.makeFolder('leech-aria2');
    const aria2 = startAria2Leech(lab, { address: address(3), torrent: made.torrent, folder: out });
    await aria2.until(() => aria2.ended, 'its end', 60).catch(() => {});
    expect(await aria2.exit, aria2.output).toMatchObject({ code: 0 });
    expect(await treeOf(out)).toEqual(await treeOf(folder));
  });

  it('lets nothing out', async () => {
    await expect(lab.run(['ip', 'route', 'get', '192.0.2.1'], 5)).rejects.toThrow(/unreachable/);
  });
});
