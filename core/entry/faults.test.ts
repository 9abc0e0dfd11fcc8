import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describeFault, endOnFault, onFault, surviveFaults } from './faults.ts';

let heard: Map<string | symbol, (fault: unknown) => void>;

beforeEach(() => {
  heard = new Map();
  vi.spyOn(process, 'on').mockImplementation((event, listener) => {
    heard.set(event, listener as (fault: unknown) => void);
    return process;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const KINDS = ['uncaughtException', 'unhandledRejection'];

test.each(KINDS)('the program tells of a fault and goes on: %s', (kind) => {
  const ended = vi.fn();
  const told: string[] = [];
  surviveFaults(ended);
  const deaf = onFault((text) => told.push(text));
  const fault = new TypeError(`${kind}: oops`);
  heard.get(kind)?.(fault);
  heard.get(kind)?.(fault);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/: oops \(at .*faults\.test\.ts:\d+:\d+\)?\)$/);
  expect(told[0]).not.toContain('\n');
  heard.get(kind)?.(`${kind}: another`);
  expect(told).toHaveLength(2);
  expect(ended).not.toHaveBeenCalled();
  deaf();
  heard.get(kind)?.(new Error('nobody there'));
  expect(ended).toHaveBeenCalledTimes(1);
});

test.each(KINDS)('an identity or worker process tells of a fault, and ends once that has left: %s', async (kind) => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const posted: unknown[] = [];
  endOnFault({ post: (message) => void posted.push(message) }, (message) => ({ message }));
  heard.get(kind)?.(new TypeError('oops'));
  heard.get(kind)?.(new TypeError('and again'));
  expect(posted).toEqual([{ message: expect.stringMatching(/^oops \(at /) }]);
  expect(exit).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(exit).toHaveBeenCalledExactlyOnceWith(1));
});

test('one that the system can open nothing more for tells that, and goes on', () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const posted: unknown[] = [];
  endOnFault({ post: (message) => void posted.push(message) }, (message) => message);
  for (let i = 0; i < 3; i++) heard.get('uncaughtException')?.(Object.assign(new Error('full'), { code: 'EMFILE' }));
  expect(posted).toHaveLength(1);
  expect(exit).not.toHaveBeenCalled();
});

test("a fault is described in a line, without the user's folders", () => {
  const fault = new Error('no way');
  fault.stack =
    'Error: no way\n    at work (file:///home/me/ensemble/dist/cli/program.js:7:11)\n    at next (x.js:1:1)';
  expect(describeFault(fault)).toBe('no way (at work (program.js:7:11))');
  expect(describeFault('a word')).toBe('a word');
});
