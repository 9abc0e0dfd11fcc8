import { spawnSync } from 'node:child_process';
import { insideNamespaces, sh } from '../../core/lab/real/namespaces.ts';
import { addressOf } from './addresses.ts';

const INSIDE = 'ENSEMBLE_BENCH_INSIDE';

/** Whether this process is the first one in its own namespaces. */
export function isInside(): boolean {
  return process.env[INSIDE] === '1';
}

/**
 * Runs this program again in new network, mount and process namespaces: nothing it sends leaves them, and all its
 * processes end with it. Resolves to its exit code.
 */
export function enter(script: string, args: readonly string[]): number {
  const [command = '', ...rest] = insideNamespaces([process.execPath, script, ...args]);
  const done = spawnSync(command, rest, {
    stdio: 'inherit',
    // Reading extra certificates would cost each Node process 40 ms, and other programs nothing.
    env: { ...process.env, [INSIDE]: '1', NODE_EXTRA_CA_CERTS: undefined },
  });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

/** Adds addresses 0 to `count` - 1 to the loopback device; packets to any other address of their network arrive there too. */
export function setUpLoopback(count: number): void {
  sh('ip link set lo up', 'ip addr add 10.77.0.250/16 dev lo');
  for (let i = 0; i < count; i++) sh(`ip addr add ${addressOf(i)}/32 dev lo`);
}
