import { describe, expect, it } from 'vitest';
import type { ChildProcessHandle, ProcessKind } from '../ports/process-host.ts';
import { EarlyProcessHost } from './early-process-host.ts';

/** A host that notes what it was asked to start, and which of it was killed. */
function recording() {
  const started: string[] = [];
  const killed: string[] = [];
  const spawn = (kind: ProcessKind, label: string): ChildProcessHandle => {
    const name = `${kind}:${label}:${started.length}`;
    started.push(name);
    return {
      pid: started.length,
      post: () => {},
      onMessage: () => {},
      onExit: () => {},
      kill: () => void killed.push(name),
    };
  };
  return { host: new EarlyProcessHost({ spawn }), started, killed };
}

describe('processes that were started ahead', () => {
  it('go to the one that asks for them, once', () => {
    const { host, started } = recording();
    host.start('identity', 'identity 0');
    expect(host.spawn('identity', 'identity 0').pid).toBe(1);
    expect(host.spawn('identity', 'identity 0').pid).toBe(2);
    expect(started).toEqual(['identity:identity 0:0', 'identity:identity 0:1']);
  });

  it('do not stand in for others', () => {
    const { host } = recording();
    host.start('identity', 'identity 0');
    expect(host.spawn('worker', 'identity 0').pid).toBe(2);
    expect(host.spawn('identity', 'identity 1').pid).toBe(3);
  });

  it('are ended where nobody asked', () => {
    const { host, killed } = recording();
    host.start('identity', 'identity 0');
    host.start('identity', 'identity 1');
    host.spawn('identity', 'identity 0');
    host.close();
    expect(killed).toEqual(['identity:identity 1:1']);
    host.close();
    expect(killed).toHaveLength(1);
  });
});
