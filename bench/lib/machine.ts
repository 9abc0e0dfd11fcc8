import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** The machine, and the versions of the programs that are compared, for the head of a table. */
export function describeMachine(): Record<string, string> {
  const [cpu] = cpus();
  return {
    cores: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
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
