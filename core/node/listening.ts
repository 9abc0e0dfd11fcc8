import type { ListenOptions, Server } from 'node:net';

/**
 * Resolves when a server listens, and rejects with the system's error where it cannot. Later errors (no descriptor or memory left) are of one
 * connection that could not be taken: they are told, and end nothing.
 */
export function listening(
  server: Server,
  at: ListenOptions,
  untaken: (error: Error) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      server.on('error', untaken);
      resolve();
    });
  });
}
