import { afterEach, expect, test, vi } from 'vitest';
import { endOnFault } from './end-on-fault.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  [new Error('lost'), /^Error: lost\n.*end-on-fault/],
  ['a word', /^a word\n$/],
])('a failure that nobody hears is told and ends the process: %s', (reason, told) => {
  let heard: (reason: unknown) => void = () => {};
  vi.spyOn(process, 'on').mockImplementation((event, listener) => {
    if (event === 'unhandledRejection') heard = listener;
    return process;
  });
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((data) => ((text += String(data)), true));
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  endOnFault();
  heard(reason);
  expect(text).toMatch(told);
  expect(exit).toHaveBeenCalledWith(1);
});
