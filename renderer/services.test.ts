import { expect, test } from 'vitest';
import { BridgeBench, LINES, until } from '../core/bridge/testing/bench.ts';
import { createServices } from './services.ts';
import { selectAdded, ui } from './stores/ui-store.ts';

const link = `magnet:?xt=urn:btih:${'e'.repeat(40)}&dn=Film`;

test('what was opened before the window is drawn is offered in it, and the first download is shown', async () => {
  const bench = new BridgeBench(LINES['in memory']!());
  bench.host.offer({ source: { kind: 'magnet', link }, fileName: null });
  const { client } = await bench.window();
  const { bridge } = createServices(client);
  await until(() => bridge.getState().app !== undefined);
  await bench.pass(0);
  const { batches, current } = ui.getState();
  expect(batches).toMatchObject([{ outside: true, offers: [{ fileName: null }] }]);
  expect(current).toBe(bridge.getState().app?.downloads[0]?.key);
  client.close();
  await bench.close();
});

test('what is added here is shown, and what comes by itself leaves the choice as it is', async () => {
  const bench = new BridgeBench(LINES['in memory']!());
  const { client } = await bench.window();
  const { bridge } = createServices(client);
  await until(() => bridge.getState().app !== undefined);
  const key = await client.call('add', { source: { kind: 'magnet', link }, options: { output: '/downloads' } });
  await bench.pass(1000);
  const first = bridge.getState().app?.downloads[0]?.key;
  expect(bridge.getState().app?.downloads.map((one) => one.key)).toContain(key);
  expect(ui.getState()).toMatchObject({ current: first, selected: new Set([first]) });
  selectAdded(key);
  expect(ui.getState()).toMatchObject({ current: key, selected: new Set([key]), awaited: undefined });
  client.close();
  await bench.close();
});
