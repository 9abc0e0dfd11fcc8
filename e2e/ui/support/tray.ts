import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('tray_host.py', import.meta.url));

const NEEDED = {
  'dbus-daemon': ['dbus-daemon', '--version'],
  'libglib2.0-bin': ['gdbus', 'help'],
  'python3-gi': [PYTHON, '-c', 'import gi'],
} as const;

/** Debian packages without which there can be no tray. */
export const missingForTray = Object.entries(NEEDED)
  .filter(([, [command, ...args]]) => spawnSync(command, args, { stdio: 'ignore' }).status !== 0)
  .map(([name]) => name);

/** A tray as desktops have one, on a bus of its own. Programs that are started while it is there find it. */
export class Tray {
  readonly #bus: ChildProcessByStdio<null, Readable, null>;
  readonly #host: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #before = process.env['DBUS_SESSION_BUS_ADDRESS'];

  private constructor(bus: ChildProcessByStdio<null, Readable, null>, address: string) {
    this.#bus = bus;
    process.env['DBUS_SESSION_BUS_ADDRESS'] = address;
    this.#host = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = linesOf(this.#host.stdout)[Symbol.asyncIterator]();
  }

  static async open(): Promise<Tray> {
    const bus = spawn('dbus-daemon', ['--session', '--nofork', '--nosyslog', '--print-address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [address = ''] = (await once(linesOf(bus.stdout), 'line')) as string[];
    const tray = new Tray(bus, address);
    await tray.#next('ready');
    return tray;
  }

  /** Resolves when the next icon comes. */
  async icon(): Promise<void> {
    await this.#next('icon');
  }

  /** What it says where the pointer rests on it. */
  tip(): Promise<unknown> {
    return this.#ask('tip', 'tip');
  }

  /** The lines of its menu. */
  menu(): Promise<unknown> {
    return this.#ask('menu', 'menu');
  }

  async choose(label: string): Promise<void> {
    await this.#ask(`choose ${label}`, 'chosen');
  }

  /** A click on the icon. */
  async activate(): Promise<void> {
    await this.#ask('activate', 'activated');
  }

  async close(): Promise<void> {
    if (this.#before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
    else process.env['DBUS_SESSION_BUS_ADDRESS'] = this.#before;
    for (const one of [this.#host, this.#bus]) {
      if (one.exitCode !== null) continue;
      one.kill();
      await once(one, 'exit');
    }
  }

  #ask(line: string, answer: string): Promise<unknown> {
    this.#host.stdin.write(`${line}\n`);
    return this.#next(answer);
  }

  /** The next line that it prints, which has to be this. */
  async #next(name: string): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('The tray has ended.');
    const said = JSON.parse(value) as Record<string, unknown>;
    if (!(name in said)) throw new Error(`The tray says ${value} instead of ${name}.`);
    return said[name];
  }
}

function linesOf(input: Readable): Interface {
  return createInterface({ input });
}
