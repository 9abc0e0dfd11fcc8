import { describe, expect, test } from 'vitest';
import type { DownloadOptions } from '../../core/engine/engine.ts';
import { HASH, snapshotOf } from '../../core/engine/testing/still-download.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';
import { PlainReporter } from './plain.ts';
import { TerminalReporter } from './terminal.ts';

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
const snapshot = snapshotOf({ identities: 2 } as DownloadOptions);

function collector() {
  const sink = {
    text: '',
    writes: 0,
    columns: 80,
    rows: 24,
    write: (text: string) => ((sink.text += text), sink.writes++),
  };
  return sink;
}

describe('plain', () => {
  test('a line every five seconds and at each change of state', () => {
    const out = collector();
    let now = 0;
    const reporter = new PlainReporter(out, collector(), () => now);
    const at = (time: number, change: Partial<typeof snapshot> = {}) => {
      now = time;
      reporter.progress({ ...snapshot, ...change });
    };
    at(0);
    at(1000);
    at(4999);
    at(5000);
    at(5100, { state: 'assembling', work: 0.25 });
    expect(out.text.split('\n')).toEqual([
      'downloading: 25.0%, 26 kB of 102 kB, down 2.0 kB/s, up 0.5 kB/s, 7 peers, 1:32 left, 2 of 2 identities',
      'downloading: 25.0%, 26 kB of 102 kB, down 2.0 kB/s, up 0.5 kB/s, 7 peers, 1:32 left, 2 of 2 identities',
      'assembling: 25.0%',
      '',
    ]);
  });
});

describe('terminal', () => {
  test('redraws in place, five times a second at most', () => {
    const out = collector();
    let now = 0;
    const reporter = new TerminalReporter(out, { color: false, now: () => now });
    for (; now < 1000; now += 50) reporter.progress(snapshot, () => undefined);
    expect(out.writes).toBe(5);
    // Four lines: up by four before each redrawing but the first.
    expect(out.text.split('\u001b[4A')).toHaveLength(5);
    expect(out.text.split(HIDE)).toHaveLength(2);
    reporter.close();
    reporter.close();
    expect(out.text.split(SHOW)).toHaveLength(2);
  });

  test('a change of state is drawn at once', () => {
    const out = collector();
    const reporter = new TerminalReporter(out, { color: false, now: () => 0 });
    reporter.progress(snapshot, () => undefined);
    reporter.progress({ ...snapshot, state: 'done' }, () => undefined);
    expect(out.text).toContain('done');
  });

  test('messages stay above the display', () => {
    const out = collector();
    const reporter = new TerminalReporter(out, { color: false, now: () => 0 });
    reporter.progress(snapshot, () => undefined);
    out.text = '';
    reporter.message('a \u001bwarning');
    expect(out.text).toMatch(/^\u001b\[4A\ra \ufffdwarning\u001b\[K\n[^]*thing\.iso/);
  });

  test('a whole command: cursor hidden, display, cursor back, result', async () => {
    const bench = new CliBench({}, { columns: 100, rows: 30 });
    const code = bench.start(`get magnet:?xt=urn:btih:${HASH} -n 2`);
    await bench.clock.advance(1000);
    bench.download.become({ state: 'done', result: ['/home/thing.iso'] });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.out.indexOf(HIDE)).toBeGreaterThanOrEqual(0);
    expect(bench.out.lastIndexOf(SHOW)).toBeGreaterThan(bench.out.lastIndexOf(HIDE));
    expect(bench.out).toMatch(/Downloaded 26 kB in 0:02 .*\n {2}identity 1: 10 pieces[^]*\/home\/thing\.iso\n$/);
  });
});
