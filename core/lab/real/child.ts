import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';

const MOST_OUTPUT = 64 * 1024;
/** Time limits of tests are for a quiet machine; they are multiplied by this, for busy ones. */
const PATIENCE = 3;

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly onLine?: (line: string) => void;
  /** Which of its lines are kept in `output`; undefined: all. */
  readonly keep?: (line: string) => boolean;
  /** Whether it is stopped by closing its standard input, so that it can end the processes below it. */
  readonly endsByInput?: boolean;
}

/** A process under test. It ends when the process of the tests dies, or when its lab closes. */
export class Child {
  readonly name: string;
  readonly pid: number;
  readonly exit: Promise<Exit>;
  /** The end of what it wrote to stdout and stderr, for the message of a test that fails. */
  output = '';
  ended = false;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #listeners = new Set<() => void>();
  readonly #endsByInput: boolean;

  constructor(name: string, command: readonly string[], options: ChildOptions) {
    this.name = name;
    this.#endsByInput = options.endsByInput ?? false;
    const killed = this.#endsByInput ? [] : ['setpriv', '--pdeathsig', 'KILL'];
    const [file = '', ...args] = [...killed, ...command];
    this.#process = spawn(file, args, { cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.pid = this.#process.pid ?? 0;
    this.#process.stdin.on('error', () => {}); // it ended before it read all
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      if (options.keep?.(line) ?? true) this.#keep(line);
      options.onLine?.(line);
      this.#tell();
    });
    createInterface({ input: this.#process.stderr }).on('line', (line) => {
      this.#keep(line);
      this.#tell();
    });
    this.exit = new Promise((resolve) => {
      this.#process.on('error', (error) => this.#keep(error.message));
      this.#process.on('close', (code, signal) => {
        this.ended = true;
        this.#tell();
        resolve({ code, signal });
      });
    });
  }

  send(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.ended) this.#process.kill(signal);
  }

  /** Resolves when `holds`; rejects when it has not within `seconds` on a quiet machine, or the process ended before. */
  until(holds: () => boolean, what: string, seconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#listeners.delete(look);
        act();
      };
      const fail = (why: string): void =>
        settle(() => reject(new Error(`${this.name}: ${why} while waiting for ${what}\n${this.output.slice(-4000)}`)));
      const look = (): void => {
        if (holds()) settle(resolve);
        else if (this.ended) fail('ended');
      };
      const most = PATIENCE * seconds;
      const timer = setTimeout(() => fail(`${most} s are over`), most * 1000);
      const poll = setInterval(look, 50);
      this.#listeners.add(look);
      look();
    });
  }

  /** Resolves to how it ended, whatever that was; rejects if it has not within `seconds` (on a quiet machine). */
  async ends(seconds: number): Promise<Exit> {
    if (!this.ended) await Promise.race([this.exit, this.until(() => this.ended, 'its end', seconds)]);
    return this.exit;
  }

  /** Ends it: SIGTERM, and SIGKILL if that has not helped within `seconds` on a quiet machine. */
  async stop(seconds = 0, signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#process.stdin.end();
    if (this.#endsByInput) seconds = Math.max(seconds, 5);
    else this.signal(seconds > 0 ? signal : 'SIGKILL');
    const timer = setTimeout(() => this.signal('SIGKILL'), PATIENCE * seconds * 1000);
    const exit = await this.exit;
    clearTimeout(timer);
    return exit;
  }

  #keep(line: string): void {
    this.output = `${this.output}${line}\n`.slice(-MOST_OUTPUT);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
