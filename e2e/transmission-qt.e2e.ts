import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Child } from '../core/lab/real/child.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { LONG } from './support/chance.ts';
import type { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { RpcServer } from './support/rpc.ts';
import { seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS } from './support/trees.ts';

const DISPLAY = ':78';
const MIB = 1024 * 1024;
/** Middle of the first row of its list, and of tabs and boxes of its dialog, on a screen without a window manager. */
const ROW = [300, 130] as const;
const FILES_TAB = [430, 26] as const;
const FIRST_FILE = [600, 108] as const;
const OPTIONS_TAB = [494, 26] as const;
const LIMIT_DOWN = [204, 114] as const;
const CLOSE = [690, 519] as const;

const SETTINGS = {
  'remote-session-enabled': true,
  'remote-session-host': '127.0.0.1',
  'remote-session-port': 9091,
  // As they misspelt it.
  'remote-session-requres-authentication': true,
  'remote-session-username': 'me',
  'remote-session-password': 'pass:word',
  'user-has-given-informed-consent': true,
  'main-window-x': 10,
  'main-window-y': 10,
  'main-window-width': 900,
  'main-window-height': 500,
  'prompt-before-exit': false,
  'show-options-window': false,
};

/** transmission-qt as somebody sits before it. */
class Qt {
  readonly #lab: Lab;
  readonly #program: Child;

  private constructor(lab: Lab, program: Child) {
    this.#lab = lab;
    this.#program = program;
  }

  static async open(lab: Lab): Promise<Qt> {
    const config = await lab.makeFolder('qt');
    await writeFile(`${config}/settings.json`, JSON.stringify(SETTINGS));
    lab.start('Xvfb', ['Xvfb', DISPLAY, '-screen', '0', '1200x900x24']);
    await lab.run(
      ['sh', '-c', `for i in $(seq 100); do [ -e /tmp/.X11-unix/X78 ] && exit; sleep 0.1; done; exit 1`],
      20,
    );
    const env = [`DISPLAY=${DISPLAY}`, `HOME=${lab.folder}`, `XDG_RUNTIME_DIR=${config}`];
    const qt = new Qt(lab, lab.start('transmission-qt', ['env', ...env, 'transmission-qt', '-g', config]));
    await qt.#do('search', '--sync', '--onlyvisible', '--name', 'Transmission - ');
    return qt;
  }

  async key(...keys: readonly string[]): Promise<void> {
    const [id = ''] = (await this.#do('search', '--onlyvisible', '--name', 'Transmission - ')).trim().split('\n');
    await this.#do('windowfocus', id, 'key', ...keys);
  }

  /** For the dialog that has just come. */
  async answer(...keys: readonly string[]): Promise<void> {
    await this.#do('key', ...keys);
  }

  async click([x, y]: readonly [number, number]): Promise<void> {
    await this.#do('mousemove', String(x), String(y), 'click', '1');
  }

  get running(): boolean {
    return !this.#program.ended;
  }

  #do(...args: readonly string[]): Promise<string> {
    return this.#lab.run(['env', `DISPLAY=${DISPLAY}`, 'xdotool', ...args], 30);
  }
}

interop(
  'transmission-qt',
  ['libtorrent', 'opentracker', 'transmission', 'transmission-qt', 'xdotool', 'xvfb'],
  true,
  () => {
    it.skipIf(!LONG)(
      'shows our list, starts, pauses, moves in the queue, leaves a file out, limits, checks, and removes',
      () =>
        withScene({ payload: PAYLOADS.multi, tracker: 'http' }, async ({ lab, torrent, folder }) => {
          const seed = new Libtorrent(lab, {
            role: 'seed',
            address: seedAddress(),
            torrent,
            folder,
            uploadLimit: 4 * MIB,
          });
          await seed.untilAnnounced();
          const server = await RpcServer.open(lab, await lab.makeFolder('down'));
          await server.remote('-d', '20');
          await server.remote('-a', torrent, '-S');
          const qt = await Qt.open(lab);
          /** Acts until transmission-remote tells what is expected. */
          const until = async (act: () => Promise<void>, args: readonly string[], told: RegExp): Promise<void> => {
            let said = '';
            for (let turn = 0; turn < 15; turn++) {
              if (turn % 5 === 0) await act();
              await new Promise((resolve) => setTimeout(resolve, 700));
              said = await server.remote(...args);
              if (told.test(said)) return;
            }
            throw new Error(`${String(told)} is not in ${said}`);
          };
          const onRow =
            (...keys: readonly string[]) =>
            async (): Promise<void> => {
              await qt.click(ROW);
              await qt.key(...keys);
            };
          await until(onRow('ctrl+s'), ['-l'], /(?:Downloading|Idle|Up & Down) +multi/);
          await until(onRow('ctrl+p'), ['-l'], /Stopped +multi/);
          await until(onRow('ctrl+shift+s'), ['-l'], /(?:Downloading|Idle|Up & Down) +multi/);
          await onRow('ctrl+Up', 'ctrl+Down', 'ctrl+shift+Up', 'ctrl+shift+Down')();
          await until(
            async () => {
              await onRow('alt+Return')();
              await new Promise((resolve) => setTimeout(resolve, 4000));
              await qt.click(OPTIONS_TAB);
              await qt.click(LIMIT_DOWN);
            },
            ['-t', '1', '-i'],
            /Download Limit: 100 kB\/s/,
          );
          await until(
            async () => {
              await qt.click(FILES_TAB);
              await qt.click(FIRST_FILE);
            },
            ['-t', '1', '-f'],
            / No /,
          );
          await qt.click(CLOSE);
          expect(qt.running).toBe(true);
          await until(
            async () => {
              await onRow('Delete')();
              await new Promise((resolve) => setTimeout(resolve, 700));
              // It asks, and offers to cancel first.
              await qt.answer('Tab', 'Return');
            },
            ['-l'],
            /^(?![^]*multi)/,
          );
          expect(qt.running).toBe(true);
        }),
    );
  },
);
