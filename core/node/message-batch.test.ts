import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MessageBatch, unpack } from './message-batch.ts';

function sending() {
  const sent: (readonly unknown[])[] = [];
  return { sent, batch: new MessageBatch((messages) => sent.push(messages)) };
}

test('messages of one turn travel as one, in order, those of the next as another', async () => {
  const { sent, batch } = sending();
  for (let i = 0; i < 50; i++) batch.post(i);
  await Promise.resolve();
  batch.post(50);
  expect(sent).toEqual([]);
  await turn();
  batch.post(51);
  await turn();
  expect(sent.map((messages) => messages.length)).toEqual([51, 1]);
  expect(sent.flat()).toEqual(Array.from({ length: 52 }, (_, i) => i));
});

test('a flood does not wait to become one message', async () => {
  const { sent, batch } = sending();
  for (let i = 0; i < 1000; i++) batch.post(i);
  expect(sent.length).toBeGreaterThan(1);
  await turn();
  expect(sent.flat()).toHaveLength(1000);
  expect(Math.max(...sent.map((messages) => messages.length))).toBeLessThanOrEqual(256);
});

test('what is flushed is sent at once, and once', async () => {
  const { sent, batch } = sending();
  batch.post('last');
  batch.flush();
  await turn();
  expect(sent).toEqual([['last']]);
});

test('a message that its listener fails with does not keep it from those behind it', async () => {
  const heard: unknown[] = [];
  const faults: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => faults.push(error));
  try {
    unpack([1, 2, 3], (message) => {
      heard.push(message);
      if (message === 2) throw new Error('two');
    });
    await turn();
  } finally {
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
  expect(heard).toEqual([1, 2, 3]);
  expect(faults).toMatchObject([{ message: 'two' }]);
});
