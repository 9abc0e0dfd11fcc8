import { expect, test } from 'vitest';
import type { TorrentKey } from '../core/base/ids.ts';
import type { Role } from '../core/entry/control-places.ts';
import { withEngine } from './engine.ts';
import { inState } from './state-folder.ts';
import { CliBench } from './testing/run-cli.ts';

const key = 'ab'.repeat(20) as TorrentKey;

test('a command can be asked while it runs, and not where it has no folder for that', async () => {
  const events: string[] = [];
  const openControl = ({ stateFolder, role }: { readonly stateFolder: string; readonly role: Role }) => {
    events.push(`${role} at ${stateFolder}`);
    return Promise.resolve({ close: async () => void events.push('closed') });
  };
  const bench = new CliBench({ openControl });
  await withEngine(bench.context, 'get', {}, async () => {
    events.push('work');
    bench.engine.emit({ type: 'added', key });
    bench.engine.emit({ type: 'added', key });
  });
  expect(events).toEqual(['work', 'get at /home/.state', 'closed']);
  // With a state folder of its own that is where.
  const elsewhere = inState(bench.context, { state: 'other' });
  await withEngine(elsewhere, 'seed', {}, async () => bench.engine.emit({ type: 'added', key }));
  expect(events.splice(3)).toEqual(['seed at /home/other', 'closed']);
  // Nor before it has a download: one that is refused leaves nothing behind.
  await withEngine(bench.context, 'get', {}, async () => {});
  expect(events).toHaveLength(3);
  const homeless = (): never => {
    throw new Error('no home');
  };
  const without = new CliBench({ openControl, defaultStateFolder: homeless });
  await withEngine(without.context, 'get', {}, async () => without.engine.emit({ type: 'added', key }));
  const broken = () => Promise.reject(new Error('a path that is too long'));
  const failing = new CliBench({ openControl: broken });
  await withEngine(failing.context, 'seed', {}, async () => {
    failing.engine.emit({ type: 'added', key });
    events.push('anyway');
  });
  expect(events.slice(3)).toEqual(['anyway']);
});
