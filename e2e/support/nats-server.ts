import { type ChildProcess, spawn } from 'node:child_process';

/** A nats-server on loopback. */
export interface NatsServer {
  readonly process: ChildProcess;
  readonly port: number;
}

/** Starts one that keeps its streams in `folder`; resolves once it listens. Without a port it takes a free one. */
export function startNats(folder: string, port?: number, more: readonly string[] = []): Promise<NatsServer> {
  const where = ['-js', '-a', '127.0.0.1', '-p', String(port ?? -1), '-sd', folder];
  const child = spawn('nats-server', [...where, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server ended: ${said}`)));
    child.stderr.on('data', (data: Buffer) => {
      said = (said + data.toString()).slice(-10_000);
      const [, found] = /client connections on 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (found !== undefined && said.includes('Server is ready')) resolve({ process: child, port: Number(found) });
    });
  });
}
