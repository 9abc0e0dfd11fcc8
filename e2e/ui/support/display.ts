import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Before the UI tests: a display of their own, so that nothing of them is seen, and none is needed. */
export default async function openDisplay(): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return () => Promise.resolve();
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1680x1050x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [data] = (await Promise.race([once(server.stdout, 'data'), failed(server)])) as [Buffer];
  process.env['DISPLAY'] = `:${data.toString().trim()}`;
  delete process.env['WAYLAND_DISPLAY'];
  return async () => {
    server.kill();
    await once(server, 'exit');
  };
}

async function failed(server: ChildProcess): Promise<never> {
  const [error] = (await once(server, 'error')) as [Error];
  throw new Error(`Xvfb (package xvfb) cannot be started: ${error.message}`);
}
