import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const document = readFileSync(new URL('docs/requirements.md', root), 'utf8');
const rows = new Map(
  [...document.matchAll(/^\| ([A-H]\d{1,2}) [^|]*\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(([, id = '', lives, held]) => [
    id,
    { lives, held },
  ]),
);

/** Rows that code or tests cite: in brackets, as in "(A16)" or "(A7, A9-A11)", or as "requirements B1" or "row A10". */
function cited(): Set<string> {
  const files = execFileSync('git', ['ls-files', 'core', 'cli', 'electron', 'renderer', 'e2e', 'bench', 'docs'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((name) => /\.(ts|tsx|mjs|md)$/.test(name) && existsSync(new URL(name, root)));
  const out = new Set<string>();
  for (const name of files) {
    const text = readFileSync(new URL(name, root), 'utf8');
    for (const [, list = ''] of text.matchAll(/(?:\(|requirements? |row )([A-H]\d{1,2}(?:(?:, |-)[A-H]\d{1,2})*)\b/g)) {
      for (const id of list.split(/, |-/)) out.add(id);
    }
  }
  return out;
}

test('every row that is cited is defined', () => {
  const missing = [...cited()].filter((id) => !rows.has(id));
  expect(missing).toEqual([]);
  expect(rows.size).toBeGreaterThan(30);
});

test('every row names files that exist', () => {
  for (const [id, { lives = '', held = '' }] of rows) {
    for (const cell of [lives, held]) {
      const paths = [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
      expect(paths, id).not.toEqual([]);
      for (const path of paths) expect(existsSync(new URL(path, root)), `${id}: ${path}`).toBe(true);
    }
  }
});
