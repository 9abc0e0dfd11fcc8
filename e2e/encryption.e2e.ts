import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sameBytes } from '../core/base/bytes.ts';
import { ENCRYPTION_POLICIES, type EncryptionPolicy } from '../core/base/choices.ts';
import { times } from '../core/sim/acceptance.ts';
import type { DialOrder, DriverLine, EncryptionDriver, ServeOrder } from './drivers/encryption.ts';
import { bundleDriver } from './support/bundle.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { httpTracker, makeTorrent } from './support/clients.ts';
import { CLIENTS, type ClientName, takesTracker } from './support/encryption-clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { address, Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { makePayload, PAYLOADS, treeOf } from './support/trees.ts';

/** How often we dial with each policy, and on how many addresses of each they may dial us. */
const DIALS = times(3, 256);
const LISTENERS = times(1, 64);
/** Dials with which no connection is to come about. */
const VAIN = times(1, 8);

type Kind = 'plain' | 'header' | 'rc4' | undefined;
/** With our policy off, preferred and required; undefined: no connection. */
type Row = readonly [Kind, Kind, Kind];

/** What comes about where we dial, and where they do. */
const MATRIX: Readonly<Record<ClientName, { readonly dialled: Row; readonly came: Row }>> = {
  'libtorrent off': { dialled: ['plain', 'plain', undefined], came: ['plain', 'plain', undefined] },
  'libtorrent enabled': { dialled: ['plain', 'header', 'rc4'], came: ['plain', 'header', 'rc4'] },
  'libtorrent forced': { dialled: [undefined, 'header', 'rc4'], came: [undefined, 'header', 'rc4'] },
  // It offers and takes RC4 alone.
  'Transmission preferred': { dialled: ['plain', 'rc4', 'rc4'], came: ['plain', 'rc4', 'rc4'] },
  'Transmission required': { dialled: [undefined, 'rc4', 'rc4'], came: [undefined, 'rc4', 'rc4'] },
  aria2: { dialled: ['plain', 'header', 'rc4'], came: ['plain', 'header', 'rc4'] },
  'aria2 required': { dialled: [undefined, 'header', 'rc4'], came: [undefined, 'header', 'rc4'] },
  // They dial in plain text first, and the second chooses RC4 where it may.
  rTorrent: { dialled: ['plain', 'header', 'rc4'], came: ['plain', 'plain', 'rc4'] },
  'rTorrent allowing': { dialled: ['plain', 'rc4', 'rc4'], came: ['plain', 'plain', 'rc4'] },
  'rTorrent required': { dialled: [undefined, 'rc4', 'rc4'], came: [undefined, 'rc4', 'rc4'] },
};
const CLIENT = address(2);
const TRACKER = address(1);

interop('encryption', ['libtorrent', 'transmission', 'aria2', 'rtorrent'], false, () => {
  describe.concurrent('with real clients', () => {
    it.each(Object.keys(MATRIX) as ClientName[])('%s', async (name) => {
      const lab = await Lab.open();
      try {
        await play(lab, name);
      } finally {
        await lab.close();
      }
    });
  });
});

interop('the command line', ['libtorrent', 'opentracker'], true, () => {
  it.each([
    [[], 'header'],
    [['--encryption', 'required'], 'rc4'],
    [['--encryption', 'off'], 'plain'],
  ] as const)('gets everything with %j: libtorrent sees %s', async (flags, kind) => {
    await withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
      const [us = ''] = ourAddresses(1);
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: 4 << 20 });
      await seed.untilAnnounced();
      const out = await lab.makeFolder('out');
      await new Ensemble(lab, ['get', torrent, '-o', out, '--bind', us, '--timeout', '60', ...flags]).done(70);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      const kinds = (): string[] => [
        ...new Set((seed.status?.seen ?? []).flatMap((peer) => (peer.host === us ? [peer.encryption] : []))),
      ];
      await seed.child.until(() => kinds().length > 0, 'us', 5);
      expect(kinds()).toEqual([kind]);
    });
  });
});

async function play(lab: Lab, name: ClientName): Promise<void> {
  const { dialled, came } = MATRIX[name];
  const folder = await lab.makeFolder('payload');
  const file = await makePayload(folder, { 'payload.bin': 300_000 });
  const { torrent } = await makeTorrent(lab, {
    folder,
    name: file,
    pieceLength: 32 * 1024,
    trackers: [httpTracker(TRACKER)],
  });
  const listen = Object.fromEntries(
    ENCRYPTION_POLICIES.map((policy, row) => [
      policy,
      Array.from({ length: LISTENERS }, (_, i) => `10.77.${row + 1}.${i + 1}`),
    ]),
  ) as Record<EncryptionPolicy, string[]>;
  const all = Object.values(listen).flat();
  // Some clients take one connection an address, and notice the end of the last one only later.
  const from = Array.from({ length: 3 * DIALS }, (_, i) => `10.77.${4 + Math.floor(i / 250)}.${(i % 250) + 1}`);
  await lab.run(['sh', '-c', [...all, ...from].map((one) => `ip addr add ${one}/32 dev lo`).join(';')], 60);
  const driver: EncryptionDriver = {
    torrent,
    payload: lab.path('payload', file),
    tracker: TRACKER,
    names: takesTracker(name),
    listen,
    from,
  };
  const lines: DriverLine[] = [];
  const script = await bundleDriver(lab, 'encryption');
  const ours = lab.start('driver', [process.execPath, script, JSON.stringify(driver)], {
    onLine: (line) => lines.push(JSON.parse(line) as DriverLine),
  });
  const linesOf = <E extends DriverLine['event']>(event: E) =>
    lines.filter((line): line is Extract<DriverLine, { event: E }> => line.event === event);
  await ours.until(() => linesOf('ready').length > 0, 'our listeners', 20);

  const out = await lab.makeFolder('out');
  const client = await CLIENTS[name]({ lab, address: CLIENT, torrent, folder: out, peers: all });
  const addresses = (policy: EncryptionPolicy): Set<string> =>
    new Set(linesOf('came').flatMap((one) => (one.policy === policy ? [one.address] : [])));
  const wanted = ENCRYPTION_POLICIES.filter((_, row) => came[row] !== undefined);
  await client.until(() => wanted.every((policy) => addresses(policy).size === LISTENERS), 'its dials everywhere', 90);
  const order = (what: DialOrder | ServeOrder): void => ours.send(JSON.stringify(what));
  order({ do: 'serve' });
  const right = await readFile(lab.path('payload', file));
  for (let tries = 0; ; tries++) {
    const got = await readFile(lab.path('out', file)).catch(() => new Uint8Array(0));
    if (sameBytes(new Uint8Array(got), new Uint8Array(right))) break;
    if (tries > 600) throw new Error(`${name} did not get the right bytes`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const [row, policy] of ENCRYPTION_POLICIES.entries()) {
    const kinds = new Set(linesOf('came').flatMap((one) => (one.policy === policy ? [one.kind] : [])));
    expect([...kinds], `it dials, and we have it ${policy}`).toEqual(came[row] === undefined ? [] : [came[row]]);
  }

  for (const [row, policy] of ENCRYPTION_POLICIES.entries()) {
    const kind = dialled[row];
    const count = kind === undefined ? VAIN : DIALS;
    order({ do: 'dial', policy, host: CLIENT, port: 6881, count });
    const results = () => linesOf('dialled').flatMap((one) => (one.policy === policy ? [one.kind] : []));
    await ours.until(() => results().length === count, `all dials, ${policy}`, 30 + count);
    if (kind === undefined)
      expect(
        results().filter((one) => !one.startsWith('{')),
        `we dial, ${policy}`,
      ).toEqual([]);
    // With the numbers of those that went otherwise.
    else
      expect(
        results().flatMap((one, i) => (one === kind ? [] : [`${i}: ${one}`])),
        `we dial, ${policy}`,
      ).toEqual([]);
  }
  const fetched = linesOf('fetched');
  const most = dialled.filter((kind) => kind !== undefined).length;
  await ours.until(() => linesOf('fetched').length === most, 'everything, fetched back', 60);
  expect(fetched.filter((one) => !one.right)).toEqual([]);
}
