import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import { offeredOptions } from '../../engine/testing/offered-options.ts';
import { memoryTransports } from '../line/transports.ts';
import { BridgeBench, LINES } from '../testing/bench.ts';
import { RpcClient } from '../window/client.ts';

const FIRST = '1'.repeat(40) as TorrentKey;
const MAGNET = { kind: 'magnet', link: `magnet:?xt=urn:btih:${'e'.repeat(40)}&dn=small` } as const;
const WORDS = ['/bin/tool', '{name}'];
const OTHER = ['/bin/other'];

let bench: BridgeBench;
beforeEach(() => {
  bench = new BridgeBench(LINES['in memory']!());
});
afterEach(() => bench.close());

test('a window without the right names no program, by any command; neither does a remote client', async () => {
  const { client } = await bench.window();
  const tries = [
    () => client.call('add', { source: MAGNET, options: offeredOptions({ whenDone: WORDS }) }),
    () => client.call('change', { key: FIRST, changes: { whenDone: WORDS } }),
    () => client.call('changeSettings', { changes: { whenDone: WORDS } }),
    () => client.call('changeSettings', { changes: { categories: [{ name: 'x', whenDone: WORDS }] } }),
    () => bench.host.call('changeSettings', { changes: { whenDone: WORDS } }),
  ];
  for (const one of tries) await expect(one()).rejects.toMatchObject({ code: 'usage' });
  expect(bench.host.state.settings.whenDone).toEqual([]);
});

test('the machine’s user chooses them, and what he chose may stay, go and be passed on unchanged', async () => {
  const [mine, program] = memoryTransports(queueMicrotask);
  bench.host.attach(program, 'owner');
  const owner = new RpcClient({ connect: () => Promise.resolve(mine) });
  await owner.call('changeSettings', { changes: { categories: [{ name: 'x', whenDone: WORDS }] } });
  await owner.call('change', { key: FIRST, changes: { whenDone: OTHER } });
  const { client } = await bench.window();
  await client.call('changeSettings', {
    changes: { categories: [{ name: 'x', whenDone: WORDS, folder: '/home/user' }] },
  });
  await client.call('change', { key: FIRST, changes: { whenDone: OTHER } });
  await client.call('change', { key: FIRST, changes: { whenDone: [] } });
  await expect(client.call('change', { key: FIRST, changes: { whenDone: OTHER } })).rejects.toMatchObject({
    code: 'usage',
  });
});
