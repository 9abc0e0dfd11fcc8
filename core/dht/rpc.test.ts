import { expect, test } from 'vitest';
import { SeededRandom } from '../sim/random.ts';
import type { QueryOwner } from './queries.ts';
import { Rpc } from './rpc.ts';
import { at, idOf } from './testing/scene.ts';

const nobody: QueryOwner = { answered() {}, failed() {} };
const question = { method: 'ping', args: {}, host: '1.2.3.4', port: 80, self: idOf('11'), readOnly: false } as const;

function made() {
  const sent: number[] = [];
  const rpc = new Rpc({
    random: new SeededRandom(1),
    now: at(0),
    version: new Uint8Array(4),
    send: (data) => sent.push(data.length),
  });
  return { rpc, bytes: () => sent.reduce((sum, size) => sum + size, 0) };
}

test('answers leave room for our own questions', () => {
  const { rpc, bytes } = made();
  for (let i = 0; i < 1000; i++) rpc.answer(new Uint8Array(500), '9.9.9.9', 1, at(0));
  const answers = bytes();
  expect(answers).toBeGreaterThan(20_000);
  for (let i = 0; i < 60; i++) expect(rpc.ask(question, nobody, at(0))).toBeDefined();
  while (rpc.ask(question, nobody, at(0)) !== undefined);
  expect(bytes() - answers).toBeLessThan(9000);
  // A second later there is room for some again, of both kinds only once the reserve is full.
  expect(rpc.ask(question, nobody, at(1000))).toBeDefined();
  const { messages } = rpc.sent;
  rpc.answer(new Uint8Array(500), '9.9.9.9', 1, at(1000));
  expect(rpc.sent.messages).toBe(messages);
  rpc.answer(new Uint8Array(500), '9.9.9.9', 1, at(3000));
  expect(rpc.sent).toEqual({ messages: messages + 1, bytes: bytes() });
});

test('on average 8 kB a second are sent, and questions that are open are bounded', () => {
  const { rpc, bytes } = made();
  for (let now = 0; now < 100_000; now += 10) rpc.ask(question, nobody, at(now));
  expect(rpc.queries.size).toBe(512);
  for (let now = 0; now < 100_000; now += 10) rpc.answer(new Uint8Array(900), '9.9.9.9', 1, at(now));
  expect(bytes()).toBeLessThan(100 * 8_000 + 40_000);
});
