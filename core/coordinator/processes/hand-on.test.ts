import { expect, test } from 'vitest';
import { bytes, identityIndex, millis, type TorrentKey } from '../../base/ids.ts';
import type { RestingStatus, SwarmStatus } from '../../engine/statuses.ts';
import type { Download } from '../download/download.ts';
import { handOn } from './hand-on.ts';

const key = 'ab'.repeat(20) as TorrentKey;
const none = bytes(0);
const resting: RestingStatus = {
  key,
  state: 'seeding',
  downloaded: none,
  uploaded: bytes(7),
  wasted: none,
  reachability: { kind: 'unknown' },
  sources: [],
};

/** A download at rest or not, and who is woken by messages about it. */
function world(atRest: boolean) {
  const reported: SwarmStatus[] = [];
  const heard: string[] = [];
  const woken: TorrentKey[] = [];
  const members = [{ reported: (status: SwarmStatus) => reported.push(status) }];
  const crew = { atWork: { message: (_: object, { type }: { readonly type: string }) => heard.push(type) } };
  const downloads = new Map([[key, { atRest, members, crew } as unknown as Download]]);
  const say = (message: Parameters<typeof handOn>[3]): void =>
    handOn(downloads, { wake: (one) => woken.push(one) }, identityIndex(0), message, millis(0));
  return { reported, heard, woken, say };
}

test('what is told of one at rest is a whole status, in which nothing else goes on', () => {
  const { reported, woken, say } = world(true);
  say({ type: 'status', swarms: [], resting: [resting, { ...resting, seenAs: '192.0.2.1' }] });
  expect(reported).toHaveLength(2);
  expect(reported[0]).toMatchObject({ uploaded: 7, peers: 0, down: 0, begun: new Uint32Array(0), connected: {} });
  expect(reported.map(({ seenAs }) => seenAs)).toEqual([undefined, '192.0.2.1']);
  expect(woken).toEqual([]);
});

test('where one at rest listens wakes nobody; all else does', () => {
  const endpoint = { host: '10.0.0.1', port: 7 };
  const atRest = world(true);
  atRest.say({ type: 'listening', key, endpoint });
  expect([atRest.heard, atRest.woken]).toEqual([['listening'], []]);
  atRest.say({ type: 'files-closed', key });
  expect(atRest.woken).toEqual([key]);
  const busy = world(false);
  busy.say({ type: 'listening', key, endpoint });
  expect(busy.woken).toEqual([key]);
});
