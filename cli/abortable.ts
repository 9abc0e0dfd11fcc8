import type { Context } from './context.ts';

/** Lets an abort end the command even while what it waits for goes on. */
export async function abortable<T>({ signal }: Pick<Context, 'signal'>, work: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
