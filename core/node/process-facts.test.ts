import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { NodeProcessFacts } from './process-facts.ts';

it('knows this process, and others only as long as they live', async () => {
  const facts = new NodeProcessFacts();
  const self = await facts.self();
  expect(self.pid).toBe(process.pid);
  expect(self.host).not.toBe('');
  expect(await facts.startTimeOf(self.pid)).toBe(self.startTime);

  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid ?? expect.fail();
  const started = await facts.startTimeOf(pid);
  expect(started).toBeDefined();
  expect(await facts.startTimeOf(pid)).toBe(started);
  const ended = once(child, 'exit');
  child.stdin.end();
  await ended;
  expect(await facts.startTimeOf(pid)).toBeUndefined();
});
