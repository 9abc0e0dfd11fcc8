import { expect, test } from 'vitest';
import { bytes } from '../../../core/base/ids.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { fakeOptions } from '../../../core/engine/testing/moving-download.ts';
import { canAssemble } from '../../stores/actions.ts';
import { createFormat } from '../../format/format.ts';
import { testDownload } from '../../testing/download.ts';
import { isStill, rowText, shortName } from './row-text.ts';

const en = createFormat('en-US');
const row = (change: Partial<DownloadView>): string => {
  const { state, figures, right } = rowText(testDownload(change), en);
  return `${state} | ${figures} | ${right}`;
};

test.each<[Partial<DownloadView>, string]>([
  [{}, 'Downloading | 62% of 1.00 GB | 1 min 8 s left'],
  [{ timeLeft: null }, 'Downloading | 62% of 1.00 GB | 5 peers'],
  [{ stall: { kind: 'no-seed', peers: 3 }, piecesNobodyHas: 2 }, 'Stalled | nobody has 2 pieces | 62%'],
  [{ stall: { kind: 'no-seed', peers: 3 } }, 'Stalled | none of its 3 peers has what is missing | 62%'],
  [{ stall: { kind: 'no-peers' } }, 'Stalled | no peers | 62%'],
  [{ stall: { kind: 'choked', peers: 1 } }, 'Stalled | its 1 peer chokes us | 62%'],
  [
    { stall: { kind: 'tracker', url: 'http://tr.example/secret/announce', message: 'unregistered' } },
    'Stalled | tracker fails: unregistered | 62%',
  ],
  [{ state: 'metadata', bytesTotal: 0, stall: { kind: 'silent', peers: 2 } }, 'Stalled | 2 peers send nothing | '],
  [{ down: 0, piecesNobodyHas: 2, peers: 0, timeLeft: null }, 'Downloading | 62% of 1.00 GB | 0 peers'],
  [{ state: 'paused', options: fakeOptions({ identities: 1 }) }, 'Paused | 62% of 1.00 GB | '],
  [{ state: 'checking', work: 0.345 }, 'Checking | 34% | 1.00 GB'],
  [{ state: 'complete' }, 'Complete | 1.00 GB | Every piece is there'],
  [{ state: 'seeding', uploaded: bytes(520_800_000) }, 'Seeding | 1.00 GB | ratio 0.84'],
  [{ state: 'done' }, 'Assembled | 1.00 GB | '],
  [{ state: 'done', options: fakeOptions({ identities: 1 }) }, 'Done | 1.00 GB | '],
  [{ state: 'paused' }, 'Paused | 62% of 1.00 GB | 4 identities'],
  [{ state: 'metadata', bytesTotal: 0, peers: 1 }, 'Fetching details |  | 1 peer'],
  [{ state: 'failed', error: { code: 'disk', message: 'The disk is full.' } }, 'The disk is full. |  | '],
  [
    { state: 'missing-files', error: { code: 'verification', message: '"/a" is missing.' } },
    'Files are missing | "/a" is missing. | ',
  ],
])('%j', (change, expected) => {
  expect(row(change)).toBe(expected);
});

/** Other machines may have what is missing. */
const apart: Partial<DownloadView> = { meeting: { state: 'met', waits: false, needed: false, done: true } };

test.each<[Partial<DownloadView>, boolean]>([
  [{}, false],
  [{ piecesToGo: 0, state: 'complete' }, true],
  [{ piecesToGo: 0, state: 'paused' }, true],
  [{ piecesToGo: 0, state: 'failed' }, true],
  [{ piecesToGo: 0, state: 'assembling' }, false],
  [{ piecesToGo: 0, state: 'checking' }, false],
  [{ piecesToGo: 0, state: 'missing-files' }, false],
  [{ piecesToGo: 0, state: 'done', result: ['/x'] }, false],
  [{ piecesToGo: 0, piecesTotal: 0, state: 'metadata' }, false],
  [{ ...apart, options: fakeOptions({ collect: 'none' }) }, true],
  [{ ...apart, options: fakeOptions({ collect: 'none' }), state: 'paused' }, true],
  [{ ...apart, options: fakeOptions({ collect: 'none' }), state: 'moving' }, false],
  [apart, false],
])('may be assembled: %j', (change, expected) => {
  expect(canAssemble(testDownload(change))).toBe(expected);
});

test.each<[Partial<DownloadView>, boolean]>([
  [{}, false],
  [{ state: 'seeding' }, false],
  [{ state: 'paused' }, true],
  [{ state: 'failed' }, true],
  [{ stall: { kind: 'no-peers' } }, true],
])('its line is grey: %j', (change, expected) => {
  expect(isStill(testDownload(change))).toBe(expected);
});

test.each([
  ['sintel', 'sintel'],
  ['exactly-twenty-chars', 'exactly-twenty-chars'],
  ['debian-13.2.0-amd64-DVD-1.iso', 'debian-13…-DVD-1.iso'],
  ['Серия 01 — очень длинное имя.mkv', 'Серия 01 …ое имя.mkv'],
  ['🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬', '🎬🎬🎬🎬🎬🎬🎬🎬🎬…🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬'],
])('in the rail %s is %s', (name, expected) => {
  expect(shortName(name)).toBe(expected);
});
