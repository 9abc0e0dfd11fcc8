import { execFile } from 'node:child_process';

const TIME_LIMIT = 5_000;
const MOST_OUTPUT = 4 * 1024 * 1024;

/** Runs a command of the system without a shell, and gives what it writes. `failure`: its error output, where it fails or is not there. */
export function systemCommand(
  command: readonly string[],
): Promise<{ readonly output: string } | { readonly failure: string }> {
  const [name = '', ...args] = command;
  return new Promise((resolve) => {
    const options = {
      timeout: TIME_LIMIT,
      maxBuffer: MOST_OUTPUT,
      windowsHide: true,
      env: { ...process.env, LC_ALL: 'C' },
    };
    execFile(name, args, options, (error, output, complaint) =>
      resolve(error === null ? { output } : { failure: complaint === '' ? error.message : complaint }),
    );
  });
}
