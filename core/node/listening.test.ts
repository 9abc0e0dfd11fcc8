import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listening } from './listening.ts';

test('a connection that cannot be taken ends nothing, and is told', async () => {
  const server = createServer();
  const told: string[] = [];
  await listening(server, { host: '127.0.0.1', port: 0 }, (error) => told.push(error.message));
  for (let n = 0; n < 2; n++) server.emit('error', new Error('accept EMFILE'));
  expect(told).toEqual(['accept EMFILE', 'accept EMFILE']);
  expect(server.listening).toBe(true);
  server.close();
});

test('where it cannot listen, it says why', async () => {
  const first = createServer();
  await listening(first, { host: '127.0.0.1', port: 0 });
  await expect(listening(createServer(), first.address() as { port: number })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  first.close();
});
