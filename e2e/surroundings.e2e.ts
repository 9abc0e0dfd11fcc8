import { chmod, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { LONG } from './support/chance.ts';
import type { Child } from '../core/lab/real/child.ts';
import type { Lab } from './support/lab.ts';
import { BUILD, interop } from './support/requirements.ts';
import { seedAddress, withScene } from './support/scene.ts';
import type { Scene } from './support/scene.ts';

const PAYLOAD = { 'small/a.bin': 100_000, 'small/b.bin': 7 };
/** Runs a command as a user that the machine does not know, who has no home folder unless HOME names one. */
const STRANGER = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups'];
const SECONDS = 40;

/** An environment in which something is missing. `folder`: a folder of the lab in which everybody may write. */
interface Surroundings {
  readonly what: string;
  /** Returns the command that runs ours in it. */
  readonly within: (folder: string, command: readonly string[]) => readonly string[];
}

const env = (...settings: string[]): ((folder: string, command: readonly string[]) => readonly string[]) => {
  return (folder, command) => [...STRANGER, 'env', ...settings.map((one) => one.replace('@', folder)), ...command];
};

const SURROUNDINGS: readonly Surroundings[] = [
  { what: 'no HOME', within: env('-u', 'HOME', '-u', 'XDG_STATE_HOME') },
  { what: 'a HOME that cannot be written to', within: env('-u', 'XDG_STATE_HOME', 'HOME=@/forbidden') },
  { what: 'a HOME that is a file', within: env('-u', 'XDG_STATE_HOME', 'HOME=@/file') },
  { what: 'a TMPDIR that is missing', within: env('HOME=@/home', 'TMPDIR=@/missing') },
  { what: 'a TMPDIR that is a file', within: env('HOME=@/home', 'TMPDIR=@/file') },
  { what: 'a read-only disk', within: (folder, command) => within(folder, readOnly(folder), command) },
  {
    what: 'a current folder that was removed',
    within: (folder, command) => within(folder, `cd ${folder} && mkdir gone && cd gone && rmdir ../gone`, command),
  },
];

/** Shell commands that make the lab's folder read-only, in the mount namespace of one command alone. */
const readOnly = (folder: string): string => `mount --bind ${folder} ${folder} && mount -o remount,ro,bind ${folder}`;

const within = (folder: string, first: string, command: readonly string[]): readonly string[] =>
  ['env', `HOME=${folder}/home`, 'unshare', '--mount', 'sh', '-c', `${first} && exec "$@"`, 'sh'].concat(command);

/** Every command with the exit codes that it may have. Commands that go on for ever are interrupted once they are ready. */
const COMMANDS: readonly { readonly name: string; readonly args: (scene: Scene) => readonly string[] }[] = [
  { name: 'show', args: ({ torrent }) => [torrent] },
  { name: 'check', args: ({ torrent, folder }) => [torrent, folder] },
  { name: 'create', args: ({ folder, lab }) => [folder, '-o', lab.path('open', 'new.torrent')] },
  { name: 'get', args: ({ torrent, lab }) => [torrent, '-o', lab.path('open', 'out'), ...fromSeed] },
  { name: 'identity', args: ({ torrent, lab }) => [torrent, ...alone, '-o', lab.path('open', 'part'), ...fromSeed] },
  { name: 'seed', args: ({ torrent, folder }) => [torrent, folder, '--timeout', '2'] },
  { name: 'serve', args: () => [] },
  { name: 'app', args: () => [] },
  { name: 'demo', args: () => [] },
  { name: 'assemble', args: ({ torrent, lab }) => [torrent, lab.path('nothing'), '-o', lab.path('open', 'joined')] },
];
const fromSeed = ['--peer', `${seedAddress()}:6881`, '--timeout', '30'];
const alone = ['--index', '0', '--count', '1', '--select', 'fixed'];

async function run(lab: Lab, name: string, command: readonly string[]): Promise<{ child: Child; code: number | null }> {
  const child = lab.start(`ensemble ${name}`, command, {
    onLine: (line) => {
      if (line.includes('"serving"') || line.includes('Ensemble is at')) child.signal('SIGINT');
    },
  });
  const { code } = await child.ends(SECONDS);
  return { child, code };
}

interop('a command whose surroundings are broken', ['libtorrent', 'opentracker'], true, () => {
  it.concurrent.each(SURROUNDINGS)(
    '$what: does its work or says in a sentence why it cannot',
    ({ what, within: inside }) =>
      withScene({ payload: PAYLOAD, tracker: 'http' }, async (scene) => {
        const { lab } = scene;
        for (const name of ['home', 'open', 'forbidden']) await mkdir(lab.path(name));
        await writeFile(lab.path('file'), '');
        await chmod(lab.path('home'), 0o777);
        await chmod(lab.path('forbidden'), 0o555);
        await chmod(lab.path('open'), 0o777);
        // Copied to where the unknown user can read it, whatever the permissions of the checkout are.
        await cp(BUILD, lab.path('dist'), { recursive: true });
        const ours = [process.execPath, lab.path('dist', 'cli', 'main.js')];
        const where = ['--bind', seedAddress(), '--port', '6881'];
        const seed = lab.start('seed', [...ours, 'seed', scene.torrent, scene.folder, ...where, '--json']);
        await seed.until(() => seed.output.includes('"seeding"'), 'the seed', 30);
        for (const { name, args } of COMMANDS) {
          // `demo` takes long: in the short form it runs only where the temporary folder is concerned, the one thing that it depends on.
          if (name === 'demo' && !LONG && !what.includes('TMPDIR')) continue;
          const command = inside(lab.folder, [...ours, name, ...args(scene), '--json']);
          const { child, code } = await run(lab, name, command);
          const told = `${what}, ${name}: exit ${code}\n${child.output}`;
          expect(child.output, told).not.toMatch(/^\s+at |node:internal|Unexpected fault/m);
          // Done, wrong usage, not to be written, interrupted or timed out: never a fault, never a signal.
          expect([0, 2, 4, 5, 6], told).toContain(code);
          if (code !== 0) expect(child.output, told).toMatch(/"event":"error","code":"[a-z-]+","message":"[^"]+/);
        }
      }),
  );

  it.concurrent(
    'open files are few, and strangers use them up: the served UI lives, keeps its list, and ends as it is told',
    () =>
      withScene({ payload: PAYLOAD, tracker: 'http' }, async ({ lab }) => {
        await lab.makeFolder('root');
        let url: URL | undefined;
        const few = ['sh', '-c', 'ulimit -n 128; exec "$@"', 'sh', process.execPath, `${BUILD}/cli/main.js`];
        const options = ['serve', '--root', lab.path('root'), '--state', lab.path('state'), '--json'];
        const child = lab.start('ensemble serve', [...few, ...options], {
          onLine: (line) => {
            const address = /"url":"([^"]+)"/.exec(line)?.[1];
            if (address !== undefined) url = new URL(address);
          },
        });
        await child.until(() => url !== undefined, 'its address', 30);
        const idle = `for (let i = 0; i < 150; i++) require('net').connect(${url?.port ?? 0}, '127.0.0.1').on('error', () => {});
        setTimeout(() => process.exit(), 4000)`;
        await lab.run([process.execPath, '-e', idle], 30);
        expect(child.ended, child.output).toBe(false);
        child.signal('SIGINT');
        expect(await child.ends(15), child.output).toEqual({ code: 5, signal: null });
        expect(child.output).not.toMatch(/^\s+at |node:internal/m);
        expect(await readdir(lab.path('state'))).toContain('catalog.json');
      }),
  );
});
