import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { Programs } from '../ports/programs.ts';

/** Programs as processes of their own, which outlive this one. */
export class NodePrograms implements Programs {
  run([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void =>
        reject(new EnsembleError('usage', `${program} cannot be run: ${messageOf(error)}.`));
      try {
        // Windows looks for a program in the current folder first: it is never one of downloads.
        const options = { cwd: homedir(), shell: false, stdio: 'ignore', windowsHide: true } as const;
        const child = spawn(program, args, { ...options, env: { ...process.env, ...env } });
        child.on('error', failed);
        child.on('exit', (code, signal) => {
          if (code === null) failed(`it was ended by ${signal ?? 'a signal'}`);
          else resolve(code);
        });
        // Nobody waits for its end in order to leave.
        child.unref();
      } catch (error) {
        failed(error);
      }
    });
  }
}
