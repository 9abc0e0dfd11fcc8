import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHTML } from 'linkedom';
import type { Results } from '../results.ts';
import { completionFigure } from '../figures/completion.ts';
import { comparisonOf, reportOf } from './report.ts';
import { madeResults } from './testing/results.ts';

/** With K identities the user is K^(1/2) times as fast, and the others take 2% longer for each. */
const usual = madeResults(['user.K=1,2,4', 'user.selection=rarest,fixed'], 6, ({ 'user.K': k }, repeat) => ({
  user: (100 + repeat) / Math.sqrt(Number(k)),
  others: [80, 90 + repeat, 100].map((each) => each * (1 + 0.02 * Number(k))),
}));

const NOT_TOLD = /NaN|undefined|\[object|Infinity/;

describe('a report', () => {
  const { html, figures } = reportOf(usual);

  test('needs nothing but itself', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|@import/);
    const outside = [...html.matchAll(/https?:[^"'\s<]+/g)].map(([url]) => url);
    expect(new Set(outside)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  });

  test('has each figure, which is a file of its own, with what is to be seen in words', () => {
    expect(figures.map(({ name }) => name)).toEqual([
      'user-completion',
      'others-completion',
      'gain',
      'gains',
      'slow-down',
      'gain-map',
      'slow-down-map',
      'pieces-1',
      'pieces-2',
      'pieces-3',
      'pieces-4',
    ]);
    for (const { svg, description } of figures) {
      expect(html).toContain(svg);
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(svg).toContain('prefers-color-scheme: dark');
      expect(svg).not.toMatch(NOT_TOLD);
      expect(description.length).toBeGreaterThan(20);
    }
  });

  test('says of each comparison what may be concluded', () => {
    expect(html).toContain('With user.K=4 user.selection=rarest the user&#39;s time is smaller, which is better');
    expect(html).toMatch(/With user.K=4 user.selection=fixed the others&#39; time [^.]* is larger, which is worse/);
    expect(html).toContain('K = 4 (selection = rarest), to K = 1');
    expect(html).toContain('×2.00');
    expect(html).not.toMatch(NOT_TOLD);
  });

  test('says what else differs, and what became of each identity', () => {
    expect(html).toContain('With user.K=4 user.selection=fixed the amount that the user sent is the same to within 5%');
    expect(html).toMatch(/With user.K=2 user.selection=rarest the median identity&#39;s time is smaller/);
    const { document } = parseHTML(html);
    const rows = [...document.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent));
    const own = rows.filter(([name]) => name === 'K = 4, selection = fixed' && rows.length > 0);
    expect(own.map(([, identity]) => identity)).toEqual(expect.arrayContaining(['1', '2', '3', '4']));
  });

  test('writes text of others as text', () => {
    expect(html).toContain('some &#60;cpu&#62;');
    expect(html).not.toContain('<cpu>');
  });

  test('runs nothing that results of others bring along', () => {
    const hostile = JSON.stringify(`"'><script>alert(1)</script><img src=x onerror=alert(1)>]]>&lt;`).slice(1, -1);
    const words = ['made-up', 'Of no swarm.', 'selection', 'rarest', 'libtorrent', 'model of 2.0', 'v20', 'Linux'];
    const written = words.reduce((all, word) => all.replaceAll(word, hostile), JSON.stringify(usual));
    const page = reportOf(JSON.parse(written) as Results);
    for (const text of [page.html, ...page.figures.map(({ svg }) => svg)]) {
      const { document } = parseHTML(text);
      expect(document.querySelectorAll('script, img, a, iframe, foreignObject')).toHaveLength(0);
      const names = [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames());
      expect(names.filter((name) => name.startsWith('on'))).toEqual([]);
      expect(text).not.toMatch(/<(script|img)/);
    }
    expect(page.html).toContain('&#60;script&#62;');
  });

  test('is the same for the same results', () => {
    expect(reportOf(usual).html).toBe(html);
  });
});

test('what is set in all arms is neither compared nor an axis', () => {
  const play = () => ({ user: 50, others: [40] });
  const set = madeResults(['user.K=4', 'user.slots=1,2', 'seeds.up=1,2'], 6, play);
  expect(reportOf(set).html).toContain('With user.K=4 user.slots=2 seeds.up=1 the user&#39;s time is the same');
  expect(reportOf(set).figures.map(({ name }) => name)).not.toContain('gain-map-K4');
  const mapped = madeResults(['user.strategy=random', 'user.K=1,4', 'user.slots=1,2', 'seeds.up=1,2'], 6, play);
  expect(reportOf(mapped).figures.map(({ name }) => name)).toContain('gain-map-K4');
});

test('two experiments are compared arm by arm, and only where both have it', () => {
  const after = madeResults(['user.K=1,8', 'user.selection=rarest,fixed'], 6, () => ({ user: 50, others: [] }));
  const { html } = comparisonOf({ name: 'old', results: usual }, { name: 'new', results: after });
  expect(html).toContain('With new: user.K=1 user.selection=rarest the user&#39;s time is smaller');
  expect(html).toContain('new, K = 1, selection = rarest, to old');
  expect(html).not.toContain('K = 8');
});

test('a swarm of hundreds of thousands is drawn in a figure that a page can bear', () => {
  const many = Array.from({ length: 200_000 }, (_, i) => (i % 7 === 0 ? null : i / 100));
  const { svg } = completionFigure('many', 'Many', [{ name: 'all', seconds: many }]);
  expect(svg).not.toMatch(NOT_TOLD);
  expect(svg.length).toBeLessThan(100_000);
});

const finish = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: null });

test('whatever came of the runs, all that is told is a figure or a word', () => {
  const sweeps = [[], ['user.K=1,2'], ['user.K=1,2', 'user.slots=1,2', 'seeds.up=1,2'], ['user.slots=1,2,3']];
  fc.assert(
    fc.property(
      fc.constantFrom(...sweeps),
      fc.array(fc.record({ user: finish, others: fc.array(finish, { maxLength: 4 }) }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 6 }),
      (swept, plays, repeats) => {
        let next = 0;
        const results = madeResults(swept, repeats, () => plays[next++ % plays.length] ?? { user: null, others: [] });
        expect(reportOf(results).html).not.toMatch(NOT_TOLD);
      },
    ),
    { numRuns: 15 },
  );
});
