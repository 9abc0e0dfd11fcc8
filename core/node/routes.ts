import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Route } from '../ports/interfaces.ts';
import { readIpRoutes, readProcRoute4, readProcRoute6 } from './routes-linux.ts';
import { readNetstat, readRoutePrint } from './routes-other.ts';

const TIME_LIMIT = 5_000;
const MOST_OUTPUT = 4 * 1024 * 1024;

/** The routers of this machine's routing tables; none where the system does not tell. `names`: interfaces by number, for Windows. */
export async function readRoutes(names: ReadonlyMap<string, string>): Promise<readonly Route[]> {
  switch (process.platform) {
    case 'linux':
      return readLinux();
    case 'win32':
      return readRoutePrint(await output('route', ['print']), names);
    default:
      return [
        ...readNetstat(await output('netstat', ['-rn', '-f', 'inet']), 4),
        ...readNetstat(await output('netstat', ['-rn', '-f', 'inet6']), 6),
      ];
  }
}

/** `ip` knows all tables, and the rules that lead to them; without it the kernel's files tell the main table. */
async function readLinux(): Promise<readonly Route[]> {
  const [routes4, rules4, routes6, rules6] = await Promise.all(
    (['-4', '-6'] as const).flatMap((family) => [
      output('ip', ['-j', family, 'route', 'show', 'table', 'all']),
      output('ip', ['-j', family, 'rule', 'show']),
    ]),
  );
  const found = [...readIpRoutes(routes4 ?? '', rules4 ?? '', 4), ...readIpRoutes(routes6 ?? '', rules6 ?? '', 6)];
  if (found.length > 0) return found;
  const [main4, main6] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return [...readProcRoute4(main4 ?? ''), ...readProcRoute6(main6 ?? '')];
}

/** What a command writes; nothing where it is missing or fails. */
function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      timeout: TIME_LIMIT,
      maxBuffer: MOST_OUTPUT,
      windowsHide: true,
      env: { ...process.env, LC_ALL: 'C' },
    };
    execFile(command, args, options, (error, stdout) => resolve(error === null ? stdout : ''));
  });
}
