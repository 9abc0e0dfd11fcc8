import { execFileSync } from 'node:child_process';
import { machineFacts } from '../../core/node/machine-facts.ts';

/** The machine, for the head of a table. */
export function describeMachine(): Record<string, string> {
  const { system, cpu, cores, memory } = machineFacts();
  return {
    cores: `${cores} x ${cpu}`,
    memory: `${Math.round(memory / 2 ** 30)} GiB`,
    system,
    node: process.versions.node,
  };
}

/** A version line of a program; undefined where it is not installed. */
export function versionOf(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      .split('\n')[0]
      ?.trim();
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    return text === '' ? undefined : text.split('\n')[0]?.trim();
  }
}
