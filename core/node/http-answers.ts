import type { ServerResponse } from 'node:http';
import type { ServedAnswer } from '../ports/http-server.ts';

/**
 * Sends an answer, as fast as it is taken. While the next bytes of it are not there the connection stays open, however silent it is;
 * where nobody takes what was sent for `patience` ms, it is closed.
 */
export async function sendAnswer(response: ServerResponse, answer: ServedAnswer, patience: number): Promise<void> {
  const { socket } = response;
  response.writeHead(answer.status, answer.headers);
  if (answer.body === undefined) {
    response.end();
    return;
  }
  // Whoever waits sees at once that there will be an answer.
  response.flushHeaders();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // A connection on which nothing passes for hours has to be told from a dead one.
  socket?.setKeepAlive(true, 30_000);
  socket?.setTimeout(0);
  try {
    for await (const data of answer.body(gone.signal)) {
      if (gone.signal.aborted) break;
      if (response.write(data)) continue;
      socket?.setTimeout(patience);
      await drained(response, gone.signal);
      socket?.setTimeout(0);
    }
    socket?.setTimeout(patience);
    response.end();
  } catch {
    // The length is told already: only a connection that breaks says that not all of it came.
    response.destroy();
  }
}

function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    gone.addEventListener('abort', done, { once: true });
    if (gone.aborted) done();
  });
}
