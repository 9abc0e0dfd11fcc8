import { expect, test } from 'vitest';
import { Args } from './args.ts';
import { RpcBench } from './testing/rpc-bench.ts';
import { editedTrackers } from './tracker-edits.ts';

const BEFORE = [['http://a/'], ['http://b/', 'http://c/']];

test.each<[object, readonly (readonly string[])[] | undefined]>([
  [{}, undefined],
  [{ labels: ['x'] }, undefined],
  [{ trackerAdd: ['http://d/', 'http://e/'] }, [...BEFORE, ['http://d/'], ['http://e/']]],
  [{ trackerRemove: [0] }, [['http://b/', 'http://c/']]],
  [{ trackerRemove: [1, 2] }, [['http://a/']]],
  [{ trackerReplace: [2, 'http://x/', 0, 'http://y/'] }, [['http://y/'], ['http://b/', 'http://x/']]],
  // All of one request name trackers by their places before it.
  [
    { trackerRemove: [0], trackerReplace: [1, 'http://x/'], trackerAdd: ['http://d/'] },
    [['http://x/', 'http://c/'], ['http://d/']],
  ],
  [{ trackerList: 'http://x/\nhttp://y/\n\n\nhttp://z/\n' }, [['http://x/', 'http://y/'], ['http://z/']]],
  [{ trackerList: 'http://x/\r\n\r\nhttp://z/\r\n', trackerAdd: ['http://d/'] }, [['http://x/'], ['http://z/']]],
  [{ trackerList: '' }, []],
])('%j', (args, after) => {
  expect(editedTrackers(new Args(args), BEFORE)).toEqual(after);
});

test.each([
  [{ trackerRemove: [3] }],
  [{ trackerReplace: [-1, 'http://x/'] }],
  [{ trackerReplace: [0] }],
  [{ trackerReplace: ['http://x/', 0] }],
])('%j is refused', (args) => {
  expect(() => editedTrackers(new Args(args), BEFORE)).toThrow(/tracker/);
});

test('the engine gets them, and clients see them', async () => {
  const bench = new RpcBench();
  await bench.ask('torrent-set', { ids: [3], trackerAdd: ['http://new.example/announce'] });
  expect(bench.engine.calls).toContain('setTrackers');
  expect(await bench.get([3], 'trackerList')).toEqual([
    { trackerList: 'udp://tracker.example:6969\n\nhttp://new.example/announce\n' },
  ]);
  expect((await bench.reply('torrent-set', { ids: [3], trackerRemove: [7] })).result).toContain('no tracker 7');
  expect(bench.engine.trackersSet).toHaveLength(2);
});
