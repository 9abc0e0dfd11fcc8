import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TorrentKey } from '../core/base/ids.ts';
import type { DownloadOptions } from '../core/engine/engine.ts';
import { ordinaryOptions } from '../core/engine/download-options.ts';
import { createEngine } from '../core/entry/coordinator.ts';
import { ForkProcessHost } from '../core/node/fork-process-host.ts';
import type { ChildProcessHandle, ProcessHost, ProcessKind } from '../core/ports/process-host.ts';

// A coordinator in a process of its own, so that its CPU time can be measured alone. It counts the messages that it gets and sends.
// `scale DIST TORRENT OUT ADDRESS,...` downloads once; `torrents DIST FOLDER,TORRENT ...` seeds until it is ended.

const [role, dist = '', ...args] = process.argv.slice(2);
const scripts = { identity: `${dist}/identity.js`, worker: `${dist}/worker.js` };
const counts = { heard: 0, said: 0, ready: 0, readyAt: 0 };
const startedAt = performance.now();

class CountingHost implements ProcessHost {
  readonly #host = new ForkProcessHost(scripts);

  spawn(kind: ProcessKind, label: string): ChildProcessHandle {
    const child = this.#host.spawn(kind, label);
    if (kind !== 'identity') return child;
    child.onMessage((message) => {
      const { type } = message as { readonly type: string };
      // Messages that are sent at fixed intervals do not grow with the number of pieces.
      if (type !== 'status' && type !== 'pong') counts.heard++;
      if (type !== 'ready') return;
      counts.ready++;
      counts.readyAt = performance.now() - startedAt;
    });
    return {
      pid: child.pid,
      post: (message) => {
        if ((message as { readonly type: string }).type !== 'ping') counts.said++;
        child.post(message);
      },
      onMessage: (listener) => child.onMessage(listener),
      onExit: (listener) => child.onExit(listener),
      kill: () => child.kill(),
    };
  }
}

function options(output: string, bind: readonly string[]): DownloadOptions {
  const seed = { kind: role === 'scale' ? 'never' : 'forever' } as const;
  return ordinaryOptions(output, { identities: bind.length, bind, seed });
}

const engine = await createEngine(scripts, { processHost: new CountingHost() });
process.on('SIGTERM', () => void engine.close().then(() => process.exit(0)));
if (role === 'scale') {
  const [torrent = '', output = '', bind = ''] = args;
  const key = await engine.add({ kind: 'torrent', data: readFileSync(torrent) }, options(output, bind.split(',')));
  while (engine.download(key)?.state !== 'done') await sleep(20);
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${JSON.stringify({ ...counts, cpu: (user + system) / 1e6, seconds: (performance.now() - startedAt) / 1000 })}\n`,
  );
  // The benchmark measures this process until it ends it.
} else {
  const waiting = new Set<TorrentKey>();
  engine.onEvent((event) => {
    if (event.type === 'changed' && engine.download(event.key)?.state === 'seeding') waiting.delete(event.key);
  });
  const adding = args.map(async (each) => {
    const [output = '', torrent = ''] = each.split(',');
    const key = await engine.add({ kind: 'torrent', data: readFileSync(torrent) }, options(output, ['127.0.0.1']));
    if (engine.download(key)?.state !== 'seeding') waiting.add(key);
  });
  await Promise.all(adding);
  while (waiting.size > 0) await sleep(10);
  process.stdout.write('seeding\n');
}
setInterval(() => {}, 1 << 30);
