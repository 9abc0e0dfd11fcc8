import { execFileSync } from 'node:child_process';

/**
 * The command that runs another one in network, mount and process namespaces of its own, as the first process there: nothing it sends
 * leaves them, and all its processes end with it, and it with whoever started it, however that ends. Without root it is root in a user
 * namespace.
 */
export function insideNamespaces(command: readonly string[], root = process.getuid?.() === 0): string[] {
  const user = root ? [] : ['--user', '--map-root-user'];
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...user, ...namespaces, ...command];
}

/** Runs commands of `ip`, `tc`, `mount` and the like. */
export function sh(...commands: readonly string[]): void {
  for (const command of commands) {
    const [name = 'true', ...args] = command.split(' ');
    execFileSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

let mounted = false;

/** Gives our mount namespace a /run of its own, in memory: `ip netns` keeps its names there, so that nobody else sees them. */
export function ownRun(): void {
  if (!mounted) sh('mount -t tmpfs none /run');
  mounted = true;
}
