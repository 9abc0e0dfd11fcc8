import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

/** What each shell offers for the last word of a line, in a folder with a torrent, a text, a film's folder and names with spaces. */
const EXPECTED: readonly (readonly [line: string, has: readonly string[], hasNot: readonly string[]])[] = [
  ['ensemble s', ['seed', 'show', 'serve'], ['get', 'list']],
  ['ensemble get --se', ['--select', '--seed', '--seed-time'], ['--state', '--json']],
  ['ensemble serve --se', ['--set-password'], ['--select', '--seed']],
  ['ensemble get --select ', ['rarest', 'random', 'fixed'], ['--select', 'one.torrent']],
  ['ensemble get --select f', ['fixed'], ['rarest']],
  ['ensemble get -o ', ['films', 'more films'], ['one.torrent', 'notes.txt', 'two 2.torrent']],
  ['ensemble get one.torrent ', ['films', 'one.torrent', 'two 2.torrent'], ['notes.txt']],
  ['ensemble get -n 4 o', ['one.torrent'], ['films', 'notes.txt']],
  ['ensemble seed one.torrent ', ['films', 'more films'], ['notes.txt']],
  ['ensemble create n', ['notes.txt'], ['films']],
  ['ensemble completions ', ['bash', 'zsh', 'fish'], ['one.torrent']],
];

let folder = '';
const script = (shell: string): string => path.join(folder, '..', `completions.${shell}`);

beforeAll(async () => {
  const base = mkdtempSync(path.join(tmpdir(), 'ensemble-shell-'));
  folder = path.join(base, 'here');
  for (const name of ['films', 'more films']) mkdirSync(path.join(folder, name), { recursive: true });
  for (const name of ['one.torrent', 'two 2.torrent', 'notes.txt']) writeFileSync(path.join(folder, name), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const bench = new CliBench();
    expect(await bench.run(`completions ${shell}`)).toBe(EXIT.done);
    writeFileSync(script(shell), bench.out);
  }
});
afterAll(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

function isThere(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).error === undefined;
}

/** What a shell prints for each line, one `===` before each. */
function run(lines: readonly string[], command: string, args: readonly string[]): Map<string, string[]> {
  const env = { ...process.env, HOME: folder, TERM: 'dumb' };
  const done = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 30_000 });
  expect(done.stderr).toBe('');
  const [, ...parts] = done.stdout.split(/^===\r?\n/m);
  expect(parts).toHaveLength(lines.length);
  // Folders end with a slash in some, and spaces are escaped; fish says after a tab what it is.
  const words = (part: string): string[] =>
    part.split(/\r?\n/).map((one) => one.replace(/\t.*/, '').replace(/\/$/, '').replace(/\\ /g, ' '));
  return new Map(parts.map((part, at) => [lines[at] ?? '', words(part)]));
}

/** Bash takes a line apart as it would for the function that completes. */
function inBash(lines: readonly string[]): Map<string, string[]> {
  const asked = lines.map((line) => {
    const words = line.split(' ');
    const at = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    return `${at}; _ensemble; echo ===; printf '%s\n' "\${COMPREPLY[@]}"`;
  });
  return run(lines, 'bash', ['--norc', '-c', [`source ${script('bash')}`, ...asked].join('\n')]);
}

function inFish(lines: readonly string[]): Map<string, string[]> {
  const asked = lines.map((line) => `echo ===; complete -C '${line}'`);
  return run(lines, 'fish', ['--no-config', '-c', [`source ${script('fish')}`, ...asked].join('\n')]);
}

/** Zsh completes at a terminal alone: one of its own (zpty), in which what is offered is asked of `compadd`. */
function inZsh(lines: readonly string[]): Map<string, string[]> {
  const ask = path.join(folder, '..', 'ask.zsh');
  writeFileSync(ask, ZSH);
  return run(lines, 'zsh', ['-f', ask, script('zsh'), ...lines]);
}

const ZSH = `
zmodload zsh/zpty
zpty asked zsh -f -i
collect () { local text; while zpty -r asked text; do print -r -- "$text"; [[ $text == *"$1"* ]] && break; done }
zpty -w asked 'unsetopt zle_bracketed_paste; PROMPT=; autoload -Uz compinit; compinit -u -D; source '"\${(q)1}"
zpty -w asked 'compadd () { local -a found; builtin compadd -O found "$@"; print -rl -- "offered "$^found; builtin compadd "$@" }'
zpty -w asked 'finish () { BUFFER=; print -r -- "over" }; zle -N finish; bindkey "^X" finish; bindkey "^I" complete-word; print -r ready'
collect ready > /dev/null
shift
for line in "$@"; do
    print "==="
    zpty -w -n asked "$line"$'\\t\\x18'
    collect over | sed -n 's/^.*offered //p' | tr -d '\\r'
done
`;

const SHELLS = { bash: inBash, fish: inFish, zsh: inZsh };

describe.each(['bash', 'fish', 'zsh'] as const)('%s', (shell) => {
  const skips = process.platform === 'win32' || !isThere(shell, '--version');
  let answers: Map<string, string[]>;
  beforeAll(() => {
    if (!skips) answers = SHELLS[shell](EXPECTED.map(([line]) => line));
  });
  test.skipIf(skips).each(EXPECTED)('%j', (line, has, hasNot) => {
    const offered = answers.get(line);
    for (const one of has) expect(offered).toContain(one);
    // Fish puts files that end so first, and offers all.
    const others = shell === 'fish' && line.includes('one.torrent') ? [] : hasNot;
    for (const one of others) expect(offered).not.toContain(one);
  });
});

describe('bash takes a value apart from its option', () => {
  test.skipIf(process.platform === 'win32').each([
    ['ensemble get --select = f', ['fixed']],
    ['ensemble get --select =', ['rarest', 'random', 'fixed']],
    ['ensemble seed --down = 1M one.torrent ', ['films', 'more films']],
  ])('%s', (line, has) => {
    const offered = inBash([line]).get(line);
    expect(offered).toEqual(expect.arrayContaining([...has]));
    expect(offered).not.toContain('one.torrent');
  });
});

describe('the manual page', () => {
  test('names every command and option', async () => {
    const bench = new CliBench();
    expect(await bench.run('man')).toBe(EXIT.done);
    for (const word of ['ensemble get [SOURCE...]', 'seed\\-time', 'rarest, random, fixed', 'ENSEMBLE_NO_OPTIONS']) {
      expect(bench.out).toContain(word);
    }
    expect(Math.max(...bench.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test.skipIf(!isThere('mandoc', '-Tlint', '/dev/null'))('mandoc finds nothing wrong with it', async () => {
    const bench = new CliBench();
    await bench.run('man');
    const done = spawnSync('mandoc', ['-Tlint'], {
      input: bench.out.replace('2030-01-01', '2020-01-01'),
      encoding: 'utf8',
    });
    expect(done.stdout + done.stderr).toBe('');
  });
});
