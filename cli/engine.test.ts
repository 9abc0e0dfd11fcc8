import { expect, test } from 'vitest';
import type { Role } from '../core/entry/control-places.ts';
import { withEngine } from './engine.ts';
import { CliBench } from './testing/run-cli.ts';

test('a command can be asked while it runs, and not where it has no folder for that', async () => {
  const events: string[] = [];
  const openControl = ({ stateFolder, role }: { readonly stateFolder: string; readonly role: Role }) => {
    events.push(`${role} at ${stateFolder}`);
    return Promise.resolve({ close: async () => void events.push('closed') });
  };
  await withEngine(new CliBench({ openControl }).context, 'get', {}, async () => void events.push('work'));
  expect(events).toEqual(['get at /home/.state', 'work', 'closed']);
  const homeless = (): never => {
    throw new Error('no home');
  };
  await withEngine(new CliBench({ openControl, defaultStateFolder: homeless }).context, 'get', {}, async () => {});
  const broken = () => Promise.reject(new Error('a path that is too long'));
  await withEngine(new CliBench({ openControl: broken }).context, 'seed', {}, async () => void events.push('anyway'));
  expect(events.slice(3)).toEqual(['anyway']);
});
