import { appendFile, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

/** When a log has grown to this many bytes a new one is begun; the one before is kept beside it. */
const MOST = 2 * 1024 * 1024;

/** The application's log, one line an event, in the platform's folder for logs. */
export class LogFile {
  readonly path: string;
  readonly #buffer: string[] = [];
  #writing = false;
  #waiting: (() => void)[] = [];

  constructor(folder: string) {
    this.path = path.join(folder, 'ensemble.log');
    try {
      mkdirSync(folder, { recursive: true });
      if (statSync(this.path).size > MOST) renameSync(this.path, path.join(folder, 'ensemble.1.log'));
    } catch {
      // There is none yet, or there will be none.
    }
  }

  write(level: string, message: string): void {
    const text = message.trimEnd().replaceAll('\n', '\n    ');
    this.#buffer.push(`${new Date().toISOString()} ${level} ${text}\n`);
    this.#flush();
  }

  /** Resolves when every line so far is in the file. */
  written(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writing) return;
    if (this.#buffer.length === 0) {
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    // A log that cannot be written must not end a download.
    appendFile(this.path, this.#buffer.splice(0).join(''), () => {
      this.#writing = false;
      this.#flush();
    });
  }
}
