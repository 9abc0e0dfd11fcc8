import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { millis } from '../../core/base/ids.ts';
import type { DownloadOptions, DownloadState, PieceMapSnapshot } from '../../core/engine/engine.ts';
import { PIECE } from '../../core/engine/piece-codes.ts';
import { HASH, snapshotOf } from '../../core/engine/testing/still-download.ts';
import { cellCharacter, pieceBars, plainBar } from './bars.ts';
import { textWidth } from './printable.ts';
import { render } from './render.ts';

/** A picture of a piece map: digits are owners, `b` from before, `.` missing, `*` being fetched by identity 0, `x` not wanted. */
function mapOf(picture: string): PieceMapSnapshot {
  const values: Record<string, number> = {
    b: PIECE.fromBefore,
    '.': PIECE.missing,
    '*': PIECE.fetching,
    x: PIECE.unwanted,
  };
  const begun = picture.split('').flatMap((c, i) => (c === '*' ? [i, 0, 128] : []));
  return {
    key: HASH,
    pieces: Uint8Array.from(picture, (c) => values[c] ?? Number(c)),
    begun: Uint32Array.from(begun),
    availability: new Uint16Array(picture.length),
  };
}

const draw = (picture: string, identities: number, width: number) => {
  const bars = pieceBars(mapOf(picture), identities, width);
  return [bars.whole, ...bars.identities].map((cells) => cells.map(cellCharacter).join(''));
};

describe('piece bars', () => {
  test.each([
    // picture, identities, width, rows: the whole, then each identity
    ['0011..b*', 2, 8, ['████  █·', '██     ·', '  ██    ']],
    ['0011..b*', 1, 4, ['██ ▄', '█  ·']],
    ['01', 2, 6, ['██████', '███   ', '   ███']],
    ['0.1.....', 2, 1, ['▂', '▁', '▁']],
    ['x.', 1, 2, ['  ', '  ']],
  ])('%s in %i rows of %i', (picture, identities, width, rows) => {
    expect(draw(picture, identities, width)).toEqual(rows);
  });

  test('the owner of a run is who fetched most of it', () => {
    expect(pieceBars(mapOf('0111'), 2, 1).whole[0]).toMatchObject({ fill: 1, owner: 1 });
    expect(pieceBars(mapOf('bbb1'), 2, 1).whole[0]?.owner).toBeUndefined();
  });

  test('every piece counts exactly once, however many there are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', '1', '.', 'b'), minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        (picture, width) => {
          const { whole, identities } = pieceBars(mapOf(picture), 2, width);
          for (const cells of [whole, ...identities]) {
            expect(cells).toHaveLength(width);
            for (const { fill } of cells) expect(fill).toBeLessThanOrEqual(1);
          }
          const full = !picture.includes('.');
          expect(whole.every(({ fill }) => fill === 1)).toBe(full);
        },
      ),
    );
  });

  test('200,000 pieces', () => {
    const pieces = new Uint8Array(200_000).fill(3);
    const map = { ...mapOf(''), pieces };
    expect(pieceBars(map, 4, 80).identities[3]?.every(({ fill }) => fill === 1)).toBe(true);
  });
});

test.each([
  [0, '    '],
  [0.5, '██  '],
  [0.28125, '█▏  '],
  [1, '████'],
  [7, '████'],
])('a plain bar of %d', (fraction, bar) => {
  expect(plainBar(fraction, 4)).toBe(bar);
});

const optionsOf = (identities: number) => ({ identities }) as DownloadOptions;

describe('render', () => {
  test('a row for the whole and one for each identity, in columns', () => {
    const snapshot = snapshotOf(optionsOf(2), { peers: 12 });
    const lines = render(snapshot, mapOf('00001111........'), { width: 79, height: 24, color: false });
    expect(lines).toEqual([
      'thing.iso                                          downloading  26 kB of 102 kB',
      '  ████████████              25.0%   ↓ 2.0 kB/s  ↑ 0.5 kB/s  12 peers  1:32 left',
      '1 ██████                       10  ↓ 1.05 MB/s  ↑ 1.0 kB/s   3 peers  10.0.0.1 ',
      '2       ██████                 20  ↓ 2.10 MB/s  ↑ 1.0 kB/s   4 peers  10.0.0.2 ',
    ]);
  });

  test('one identity needs no row of its own', () => {
    expect(render(snapshotOf(optionsOf(1)), undefined, { width: 79, height: 24, color: false })).toHaveLength(2);
  });

  test('what does not fit the height is counted', () => {
    const lines = render(snapshotOf(optionsOf(32)), undefined, { width: 79, height: 10, color: false });
    expect(lines.length).toBeLessThan(10);
    expect(lines.at(-1)).toBe('... and 26 more');
  });

  test('checking shows its own progress', () => {
    const lines = render(snapshotOf(optionsOf(1), { state: 'checking', work: 0.5 }), undefined, {
      width: 60,
      height: 9,
      color: false,
    });
    expect(lines[1]).toContain('50.0%');
  });

  test('a forged name stays a name', () => {
    const [title] = render(snapshotOf(optionsOf(1), { name: '\u001b[2J\u202ex' }), undefined, {
      width: 79,
      height: 9,
      color: false,
    });
    expect(title).toContain('\ufffd[2J\ufffdx');
  });

  test('without colour there are no escapes; with it lines are as wide', () => {
    const snapshot = snapshotOf(optionsOf(3));
    const map = mapOf('0011*22.b');
    const plain = render(snapshot, map, { width: 70, height: 24, color: false });
    const stripped = render(snapshot, map, { width: 70, height: 24, color: true }).map((line) =>
      line.replace(/\u001b\[[\d;]*m/g, ''),
    );
    expect(plain.join('')).not.toContain('\u001b');
    expect(stripped).toEqual(plain);
  });

  test('no line is wider than the terminal, whatever there is to show', () => {
    const states: DownloadState[] = [
      'metadata',
      'checking',
      'downloading',
      'complete',
      'assembling',
      'done',
      'seeding',
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 1, max: 32 }),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(...states),
        fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined }),
        (width, identities, name, state, left) => {
          const more = left === undefined ? {} : { timeLeft: millis(left) };
          const snapshot = snapshotOf(optionsOf(identities), { name, state, ...more });
          const lines = render(snapshot, mapOf('0.1'), { width, height: 50, color: false });
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
