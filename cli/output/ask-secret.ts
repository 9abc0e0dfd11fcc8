import { EnsembleError } from '../../core/base/errors.ts';
import { SecretLine } from './secret-line.ts';

/** Reads a line at the terminal without showing it; undefined where there is no terminal. Rejects with EnsembleError('interrupted') on Ctrl-C. */
export async function askSecret(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  stderr.write(question);
  const line = new SecretLine();
  // Now the terminal neither shows what is typed nor makes signals of it.
  stdin.setRawMode(true).setEncoding('utf8').resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      const gone = (): void => reject(new EnsembleError('interrupted', 'Interrupted. Nothing was changed.'));
      stdin.on('end', gone).on('data', (typed: string) => {
        const state = line.take(typed);
        if (state === 'done') resolve(line.text);
        if (state === 'interrupted') gone();
      });
    });
  } finally {
    stdin.removeAllListeners('data').removeAllListeners('end').pause().setRawMode(false);
    stderr.write('\n');
  }
}
