import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
const text = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const folders = new Set(files.flatMap((file) => parents(file)));
const there = (name: string): boolean =>
  folders.has(name) || ['', '.ts', '.tsx'].some((end) => files.includes(name + end));
/** Folders with code, as pages name them, and those of `core`, which they name without it. */
const places = new Set(['core', 'cli', 'electron', 'renderer', 'e2e', 'build', 'bench', 'docs']);
const rooms = new Set([...folders].filter((name) => /^core\/\w+$/.test(name)).map((name) => path.basename(name)));
/** What somebody who follows a page is to make. */
const MADE = new Set(['core/strategy/orders/halves.ts', 'core/strategy/dealings/turns.ts']);

function parents(file: string): string[] {
  const folder = path.posix.dirname(file);
  return folder === '.' ? [] : [folder, ...parents(folder)];
}

/** As the pages' host makes it of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

describe.each(files.filter((file) => file.endsWith('.md')))('%s', (page) => {
  test('names files that are there', () => {
    const named = [...text(page).matchAll(/`(\w[\w-]*(?:\/[\w.-]+)+)\/?`/g)].map(([, name = '']) => name);
    const missing = named.filter((name) => {
      const [first = ''] = name.split('/');
      return places.has(first) ? !there(name) : rooms.has(first) && !there(`core/${name}`) && !there(`e2e/${name}`);
    });
    expect(missing.filter((name) => !MADE.has(name))).toEqual([]);
  });

  test('links to pages and headings that are there', () => {
    const links = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^(?:https?|mailto):/.test(link)) return false;
      const [name = '', heading] = link.split('#');
      const file = name === '' ? page : path.posix.join(path.posix.dirname(page), name).replace(/\/$/, '');
      if (!there(file)) return true;
      if (heading === undefined || !file.endsWith('.md')) return false;
      return ![...text(file).matchAll(/^#+ (.*)$/gm)].some(([, title = '']) => anchor(title) === heading);
    });
    expect(broken).toEqual([]);
  });
});
