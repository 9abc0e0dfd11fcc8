import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import type { TorrentKey } from '../base/ids.ts';
import { BRIDGE_VERSION, type CommandName, type Events, type Notice } from './contract.ts';
import { Mirror } from './window/mirror.ts';
import { offeredOptions } from '../engine/testing/offered-options.ts';
import { BridgeBench, LINES, settle, until } from './testing/bench.ts';
import type { DetailPart } from './views.ts';

const EVERYTHING: DetailPart[] = ['map', 'identities', 'peers', 'sources', 'files', 'history', 'log'];
const FIRST = '1'.repeat(40) as TorrentKey;

describe.each(Object.entries(LINES))('over %s', (_, line) => {
  let bench: BridgeBench;
  beforeEach(() => (bench = new BridgeBench(line())));
  afterEach(() => bench.close());

  test('a window sees the state, and then what changes', async () => {
    const { client } = await bench.window();
    const mirror = new Mirror(client);
    await until(() => mirror.now.state !== undefined);
    expect(mirror.now.state).toEqual(bench.host.state);
    const before = mirror.now.state?.downloads;
    await bench.pass(3000);
    // Compared while nothing moves.
    await client.call('pause', { key: FIRST });
    await bench.pass(1000);
    expect(mirror.now.state).toEqual(bench.host.state);
    const after = mirror.now.state?.downloads;
    expect(after?.[0]?.piecesHave).toBeGreaterThan(before?.[0]?.piecesHave ?? 0);
    // What stands still keeps its identity, so that nothing is drawn again.
    expect(after?.[2]).toBe(before?.[2]);
  });

  test('a watched download is told in full, and then what changes', async () => {
    const { client } = await bench.window();
    const mirror = new Mirror(client);
    mirror.watch(FIRST, EVERYTHING);
    await until(() => mirror.now.detail !== undefined);
    await bench.pass(2600);
    expect(mirror.now.detail?.peers?.length).toBeGreaterThan(4);
    await client.call('pause', { key: FIRST });
    await bench.pass(300);
    const { detail } = mirror.now;
    const map = bench.engine.pieceMap(FIRST);
    expect(detail?.map?.pieces).toEqual(map?.pieces);
    expect(detail?.map?.begun).toEqual(map?.begun);
    expect(detail?.identities).toHaveLength(4);
    expect(detail?.sources?.trackers).toHaveLength(8);
    expect(detail?.sources?.ways).toHaveLength(12);
    expect(detail?.sources?.nodes).toHaveLength(3);
    expect(detail?.files?.map(({ path }) => path)).toEqual(bench.engine.files(FIRST).map(({ path }) => path));
    expect(detail?.fileState?.have).toHaveLength(3);
    expect(detail?.history?.times).toHaveLength(3);
    expect(detail?.history?.down).toHaveLength(12);
  });

  test('who asks once gets the list in short, and of one download what it asks for', async () => {
    const { client } = await bench.window();
    const list = await client.call('list', null);
    const downloads = bench.engine.downloads();
    expect(list.map(({ name, state, rate }) => ({ name, state, rate }))).toEqual(
      downloads.map(({ name, state, rate }) => ({ name, state, rate })),
    );
    expect(list[0]).not.toHaveProperty('result');
    const { download, ...others } = await client.call('look', { key: FIRST, parts: [] });
    expect(download.identities).toHaveLength(4);
    expect(others).toEqual({});
    const whole = await client.call('look', { key: FIRST, parts: ['map', 'files', 'trackers'] });
    expect(whole.map?.pieces).toEqual(bench.engine.pieceMap(FIRST)?.pieces);
    expect(whole.files).toHaveLength(3);
    expect(whole.trackers?.tiers).toEqual(bench.engine.links(FIRST)?.trackers);
    await expect(client.call('look', { key: '9'.repeat(40) as TorrentKey, parts: [] })).rejects.toThrow('list');
    expect(await client.call('settings', null)).toEqual(bench.services.settings.current);
  });

  test('only what is shown is told', async () => {
    const { client } = await bench.window();
    const mirror = new Mirror(client);
    mirror.watch(FIRST, ['identities']);
    await until(() => mirror.now.detail !== undefined);
    expect(mirror.now.detail).toMatchObject({ map: null, peers: null, sources: null, files: null, log: null });
    mirror.watch(FIRST, ['map']);
    expect(mirror.now.detail?.identities).toBeNull();
    await until(() => (mirror.now.detail?.map ?? null) !== null);
    mirror.watch(undefined);
    await settle();
    const patches: unknown[] = [];
    client.on('detail', (patch) => patches.push(patch));
    await bench.pass(2000);
    expect([mirror.now.detail, patches]).toEqual([undefined, []]);
  });

  test('at most five patches of a kind a second', async () => {
    const { client } = await bench.window();
    const mirror = new Mirror(client);
    mirror.watch(FIRST, EVERYTHING);
    await until(() => mirror.now.detail !== undefined);
    const counts = { patch: 0, detail: 0 };
    client.on('patch', () => counts.patch++);
    client.on('detail', () => counts.detail++);
    for (let second = 0; second < 5; second++) {
      counts.patch = counts.detail = 0;
      await bench.pass(1000);
      expect(counts.patch, 'patches of the state').toBeLessThanOrEqual(5);
      expect(counts.detail, 'patches of the detail').toBeLessThanOrEqual(5);
    }
    expect(counts.detail).toBeGreaterThan(2);
  });

  test('a window that nobody sees is told nothing, and later all that it missed', async () => {
    const { client } = await bench.window();
    const mirror = new Mirror(client);
    await until(() => mirror.now.state !== undefined);
    await client.call('setVisible', { visible: false });
    let patches = 0;
    client.on('patch', () => patches++);
    await bench.pass(3000);
    expect(patches).toBe(0);
    await client.call('setVisible', { visible: true });
    await bench.pass(400);
    expect(mirror.now.state).toEqual(bench.host.state);
  });

  test('after a gap the mirror gets a fresh snapshot', async () => {
    const { client, transport } = await bench.window();
    const mirror = new Mirror(client);
    await until(() => mirror.now.state !== undefined);
    let snapshots = 0;
    client.on('snapshot', () => snapshots++);
    // A second subscription that the mirror did not ask for moves the host's count on behind its back.
    const patches: Events['patch'][] = [];
    client.on('patch', (patch) => patches.push(patch));
    await bench.pass(400);
    const [last] = patches.slice(-1);
    expect(last).toBeDefined();
    expect(transport.backlog).toBe(0);
    await client.call('subscribe', { version: BRIDGE_VERSION });
    await bench.pass(1000);
    expect(snapshots).toBe(1);
    expect(mirror.now.state).toEqual(bench.host.state);
  });

  test('commands reach the engine, and their errors come back whole', async () => {
    const { client } = await bench.window();
    await client.call('pause', { key: FIRST });
    await client.call('resume', { key: FIRST });
    expect(bench.engine.calls).toEqual(['pause', 'resume']);
    const refused = client.call('assemble', { key: FIRST });
    await expect(refused).rejects.toBeInstanceOf(EnsembleError);
    await expect(refused).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('cannot be assembled yet'),
    });
    await expect(client.call('openFile', { key: FIRST, file: 0 })).rejects.toMatchObject({ code: 'usage' });
  });

  test('a torrent comes over byte for byte, and its folder is remembered', async () => {
    const { client } = await bench.window();
    const data = Uint8Array.from({ length: 100_000 }, (_unused, i) => (i * 31) & 0xff);
    const { fileSlots: _slots, ...preview } = await client.call('preview', { source: { kind: 'torrent', data } });
    expect(preview).toMatchObject({ name: 'A torrent of 100000 bytes', present: false });
    const options = offeredOptions({ identities: 7, output: '/home/user/Films' });
    const key = await client.call('add', { source: { kind: 'torrent', data }, options });
    expect(key).toBe(preview.key);
    expect(bench.host.state.downloads.map((one) => one.key)).toContain(key);
    expect(bench.host.state.settings.recentFolders).toEqual(['/home/user/Films']);
  });

  test.each([
    ['of another torrent', 'b', '&so=1', { present: false, more: false }],
    ['of one that is there', '1', '', { present: true, more: false }],
    ['of one that is there, which chooses files', '1', '&so=1', { present: false, more: true }],
  ])('a link %s', async (_what, digit, more, expected) => {
    const { client } = await bench.window();
    const link = `magnet:?xt=urn:btih:${digit.repeat(40)}${more}`;
    await expect(client.call('preview', { source: { kind: 'magnet', link } })).resolves.toMatchObject(expected);
  });

  test('a torrent of the largest size is taken, and none beyond', async () => {
    const { client } = await bench.window();
    const preview = (size: number): Promise<unknown> =>
      client.call('preview', { source: { kind: 'torrent', data: new Uint8Array(size) } });
    await expect(preview(MAX_TORRENT_BYTES)).resolves.toMatchObject({ present: false });
    await expect(preview(MAX_TORRENT_BYTES + 1)).rejects.toMatchObject({ code: 'invalid-message' });
  });

  test.each<[string, unknown, unknown]>([
    ['no such command', 'explode', null],
    ['a name of an object’s own', '__proto__', null],
    ['a constructor', 'constructor', null],
    ['no name', 17, null],
    ['an info-hash of another length', 'pause', { key: 'abc' }],
    ['an info-hash that is a path', 'remove', { key: '../../../../etc/passwd', data: true }],
    ['a field too many', 'pause', { key: FIRST, also: 1 }],
    ['a field too few', 'remove', { key: FIRST }],
    [
      '33 identities',
      'add',
      { source: { kind: 'magnet', link: 'magnet:?' }, options: offeredOptions({ identities: 33 }) },
    ],
    [
      'an option that windows do not have',
      'add',
      { source: { kind: 'magnet', link: 'magnet:?' }, options: { ...offeredOptions(), log: '/etc/x' } },
    ],
    [
      'an option without a value',
      'add',
      { source: { kind: 'magnet', link: 'magnet:?' }, options: { ...offeredOptions(), share: null } },
    ],
    ['a setting without a value', 'changeSettings', { changes: { share: null } }],
    ['a piece that cannot be', 'pieceSource', { key: FIRST, piece: -1 }],
    ['a path that is relative', 'folderInfo', { folder: '../x' }],
    ['a path with a zero byte', 'folderInfo', { folder: '/tmp/x\0y' }],
    ['a torrent that is text', 'preview', { source: { kind: 'torrent', data: 'd8:announce' } }],
    ['a limit below none', 'change', { key: FIRST, changes: { down: -1 } }],
    ['a change that cannot be', 'change', { key: FIRST, changes: { output: '/etc' } }],
    ['a setting that there is not', 'changeSettings', { changes: { colour: 'red' } }],
    ['a part that there is not', 'watch', { key: FIRST, parts: ['keys'] }],
  ])('%s is answered with an error and changes nothing', async (_name, name, args) => {
    const { client } = await bench.window();
    const before = JSON.stringify(bench.host.state);
    await expect(client.call(name as CommandName, args as never)).rejects.toMatchObject({ code: 'invalid-message' });
    expect(bench.engine.calls).toEqual([]);
    expect(JSON.stringify(bench.host.state)).toBe(before);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['text', 'pause'],
    ['a number', 1],
    ['an empty object', {}],
    ['a request without arguments', { t: 'q', m: 'command' }],
    ['arguments that are none', { t: 'q', m: 'command', a: 'x' }],
    ['a field too many', { t: 'q', m: 'command', a: ['pause', { key: FIRST }], o: true }],
    ['an id that is none', { t: 'q', m: 'command', a: ['pause', { key: FIRST }], i: {} }],
  ])('a message that is no call, %s, is told and changes nothing', async (_name, message) => {
    const { client, raw } = await bench.window();
    await client.call('subscribe', { version: BRIDGE_VERSION });
    const notices: Notice[] = [];
    client.on('notice', (notice) => notices.push(notice));
    raw(message);
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'error' });
    expect(bench.engine.calls).toEqual([]);
    await client.call('pause', { key: FIRST });
  });

  test('a malformed request that bears an id gets its error', async () => {
    const { transport } = await bench.bare();
    const answers: unknown[] = [];
    transport.onMessage((message) => answers.push(message));
    transport.post({ t: 'q', i: 'mine', m: 'command', a: [], more: 1 });
    await until(() => answers.length > 0);
    expect(answers).toMatchObject([{ t: 's', i: 'mine', r: { ok: false, code: 'invalid-message' } }]);
  });

  test('nothing but commands can be called', async () => {
    const { transport } = await bench.bare();
    const answers: unknown[] = [];
    transport.onMessage((message) => answers.push(message));
    for (const m of ['toString', '__proto__', '$close', 'event', 'then']) {
      transport.post({ t: 'q', i: m, m, a: ['pause', { key: FIRST }] });
    }
    await until(() => answers.length === 5);
    for (const answer of answers) expect(answer).toMatchObject({ r: { ok: false, code: 'invalid-message' } });
    expect(bench.engine.calls).toEqual([]);
  });

  test('another version is refused by name', async () => {
    const { client } = await bench.window();
    await expect(client.call('subscribe', { version: 99 })).rejects.toMatchObject({ code: 'newer-version' });
  });

  test('when the line breaks, what waits is told, and nothing is sent any more', async () => {
    const { client, transport } = await bench.window();
    const mirror = new Mirror(client);
    await until(() => mirror.now.state !== undefined);
    transport.close();
    await until(() => client.state === 'closed');
    await expect(client.call('pause', { key: FIRST })).rejects.toMatchObject({ code: 'interrupted' });
    await bench.pass(1000);
    expect(bench.engine.calls).toEqual([]);
  });

  test('what was opened before a window came is offered to the first', async () => {
    bench.host.offer({ source: { kind: 'magnet', link: 'magnet:?x' }, fileName: null });
    const { client } = await bench.window();
    const offers: Events['offer'][] = [];
    client.on('offer', (offer) => offers.push(offer));
    await client.call('subscribe', { version: BRIDGE_VERSION });
    await until(() => offers.length === 1);
    bench.host.offer({ source: { kind: 'torrent', data: Uint8Array.of(1, 2) }, fileName: 'a.torrent' });
    await until(() => offers.length === 2);
    expect(offers[1]).toEqual({ source: { kind: 'torrent', data: Uint8Array.of(1, 2) }, fileName: 'a.torrent' });
  });

  test('a window that cannot take what was opened is told so, once', async () => {
    const { client } = await bench.window();
    let offers = 0;
    const notices: Notice[] = [];
    client.on('offer', () => {
      offers++;
      throw new Error('no dialog');
    });
    client.on('notice', (notice) => notices.push(notice));
    await client.call('subscribe', { version: BRIDGE_VERSION });
    bench.host.offer({ source: { kind: 'magnet', link: 'magnet:?x' }, fileName: null });
    await until(() => notices.length > 0);
    await settle();
    expect(offers).toBe(1);
    expect(notices).toMatchObject([{ kind: 'error', message: expect.stringContaining('by hand') as string }]);
  });

  test('a window that nobody sees is offered what was opened, and another one if it goes before it took it', async () => {
    const offer = { source: { kind: 'magnet', link: 'magnet:?x' }, fileName: null } as const;
    const { client } = await bench.window();
    const offers: Events['offer'][] = [];
    client.on('offer', (one) => offers.push(one));
    await client.call('subscribe', { version: BRIDGE_VERSION });
    await client.call('setVisible', { visible: false });
    bench.host.offer(offer);
    await until(() => offers.length === 1);

    client.close();
    const deaf = await bench.bare();
    deaf.raw({ t: 'q', m: 'command', a: ['subscribe', { version: BRIDGE_VERSION }], i: '1' });
    await settle();
    bench.host.offer(offer);
    await settle();
    deaf.transport.close();
    await settle();
    const next = await bench.window();
    next.client.on('offer', (one) => offers.push(one));
    await next.client.call('subscribe', { version: BRIDGE_VERSION });
    await until(() => offers.length === 2);
    expect(offers[1]).toEqual(offer);
  });

  test('two windows see the same', async () => {
    const [one, other] = [await bench.window(), await bench.window()];
    const mirrors = [new Mirror(one.client), new Mirror(other.client)];
    await until(() => mirrors.every((mirror) => mirror.now.state !== undefined));
    await one.client.call('remove', { key: FIRST, data: false });
    await bench.pass(400);
    for (const mirror of mirrors) expect(mirror.now.state?.downloads).toHaveLength(3);
  });
});
