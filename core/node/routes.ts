import { readFile } from 'node:fs/promises';
import type { Route } from '../ports/interfaces.ts';
import { readIpRoutes, readProcRoute4, readProcRoute6 } from './routes-linux.ts';
import { readNetstat, readRoutePrint } from './routes-other.ts';
import { systemCommand } from './system-command.ts';

/** The routers of this machine's routing tables; none where the system does not tell. `names`: interfaces by number, for Windows. */
export async function readRoutes(family: 4 | 6, names: ReadonlyMap<string, string>): Promise<readonly Route[]> {
  switch (process.platform) {
    case 'linux':
      return readLinux(family);
    case 'win32':
      return readRoutePrint(await output('route', ['print', `-${family}`]), names);
    default:
      return readNetstat(await output('netstat', ['-rn', '-f', family === 6 ? 'inet6' : 'inet']), family);
  }
}

/** `ip` knows all tables, and the rules that lead to them; without it the kernel's files tell the main table. */
async function readLinux(family: 4 | 6): Promise<readonly Route[]> {
  const [routes, rules] = await Promise.all([
    output('ip', ['-j', `-${family}`, 'route', 'show', 'table', 'all']),
    output('ip', ['-j', `-${family}`, 'rule', 'show']),
  ]);
  const found = readIpRoutes(routes, rules, family);
  if (found.length > 0) return found;
  const main = await readFile(family === 6 ? '/proc/net/ipv6_route' : '/proc/net/route', 'utf8').catch(() => '');
  return family === 6 ? readProcRoute6(main) : readProcRoute4(main);
}

/** What a command writes; nothing where it is missing or fails. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const answer = await systemCommand([command, ...args]);
  return 'output' in answer ? answer.output : '';
}
