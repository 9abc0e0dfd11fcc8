import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { TorrentKey } from '../../../core/base/ids.ts';
import type { Actions } from '../../stores/actions.ts';
import type { BridgeState } from '../../stores/bridge-store.ts';
import type { Services } from '../../stores/context.tsx';
import { selectAdded, ui } from '../../stores/ui-store.ts';
import { testDownload } from '../../testing/download.ts';
import { choose } from '../list/selection.ts';
import { carryOut, followProgram } from './follow-program.ts';

const [A, B] = ['a', 'b'] as unknown as [TorrentKey, TorrentKey];
const alone = { toggle: false, extend: false };

function listOf(...keys: readonly TorrentKey[]): BridgeState {
  return { app: { downloads: keys.map((key) => ({ key })) } } as unknown as BridgeState;
}

test.each<[string, () => void]>([
  ['while taps select', () => ui.setState({ selecting: true, selected: new Set() })],
  ['before another one is chosen', () => choose([A, B], B, alone)],
  ['before one more is chosen', () => choose([A, B], B, { ...alone, toggle: true })],
  ['before more are chosen', () => choose([A, B], B, { ...alone, extend: true })],
])('what comes into the list %s does not take the place of what is chosen', (name, then) => {
  // Of each its own, as windows of the other tests have theirs.
  const ADDED = name as unknown as TorrentKey;
  const bridge = createStore<BridgeState>(() => listOf(A, B));
  followProgram({ client: { on: () => {} }, bridge, actions: {} } as unknown as Services);
  choose([A, B], A, alone);
  selectAdded(ADDED);
  then();
  const { current, selected } = ui.getState();
  bridge.setState(listOf(A, B, ADDED));
  expect(ui.getState()).toMatchObject({ current, selected });
  // Nor later, when taps no longer select.
  ui.setState({ selecting: false });
  choose([A, B, ADDED], A, { ...alone, toggle: true });
  const later = ui.getState();
  bridge.setState(listOf(A, B, ADDED));
  expect(ui.getState()).toMatchObject({ current: later.current, selected: later.selected });
});

test('the menu selects what is listed, and nothing that a filter or the search hides', () => {
  const downloads = [
    testDownload({ key: A, name: 'Ocean', state: 'paused' }),
    testDownload({ key: B, name: 'Ocean too', state: 'seeding' }),
    testDownload({ key: 'c' as unknown as TorrentKey, name: 'Meadow', state: 'paused' }),
  ];
  const bridge = createStore<BridgeState>(() => ({ app: { downloads } }) as unknown as BridgeState);
  const selected = (filter: 'all' | 'paused', search: string): ReadonlySet<TorrentKey> => {
    ui.setState({ filter, search, selected: new Set() });
    carryOut('select-all', bridge, {} as Actions);
    return ui.getState().selected;
  };
  expect(selected('all', '')).toEqual(new Set(downloads.map(({ key }) => key)));
  expect(selected('all', 'ocean')).toEqual(new Set([A, B]));
  expect(selected('paused', 'ocean')).toEqual(new Set([A]));
});
