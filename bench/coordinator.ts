import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TorrentKey } from '../core/base/ids.ts';
import type { DownloadOptions } from '../core/engine/engine.ts';
import { ordinaryOptions } from '../core/engine/download-options.ts';
import { defaultSettings } from '../core/engine/settings.ts';
import { NO_WAYS } from '../core/engine/tuning.ts';
import { createEngine } from '../core/entry/coordinator.ts';
import { childOptions, optimiseLate } from '../core/entry/entry-scripts.ts';
import { ForkProcessHost } from '../core/node/fork-process-host.ts';
import type { ChildProcessHandle, ProcessHost, ProcessKind } from '../core/ports/process-host.ts';

// A coordinator in a process of its own, so that its CPU time can be measured alone. It counts the messages that it gets and sends.
// `scale DIST TORRENT OUT ADDRESS,...` downloads once; `torrents DIST FOLDER,TORRENT ...` seeds until it is ended,
// and `many DIST STATE COUNT FOLDER,TORRENT ...`, too, which goes on with what it keeps in the folder STATE.

optimiseLate();
const [role, dist = '', ...args] = process.argv.slice(2);
const scripts = { identity: `${dist}/identity.js`, worker: `${dist}/worker.js` };
const counts = { heard: 0, said: 0, ready: 0, readyAt: 0 };
const startedAt = performance.now();

class CountingHost implements ProcessHost {
  readonly #host = new ForkProcessHost(scripts, childOptions());

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

const many = role === 'many';
const pairs = many ? args.slice(2) : args;
const count = many ? Number(args[1]) : pairs.length;
const kept = many ? { stateFolder: args[0] ?? '' } : {};
/** Downloads that seed. */
const seeding = new Set<TorrentKey>();
// The client beside it is told the same: trackers and peer exchange alone, over TCP.
const plain = many ? { settings: { ...defaultSettings('/'), ...NO_WAYS, pex: true } } : {};
const engine = await createEngine(scripts, { processHost: new CountingHost(), ...kept, ...plain });
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
  /** Looked at together, as a window is told of changes. */
  const changed = new Set<TorrentKey>();
  const look = (): void => {
    for (const key of changed) if (engine.download(key)?.state === 'seeding') seeding.add(key);
    changed.clear();
  };
  engine.onEvent((event) => event.type === 'changed' && changed.add(event.key));
  for (const { key } of engine.downloads()) changed.add(key);
  const adding = pairs.map(async (each) => {
    const [output = '', torrent = ''] = each.split(',');
    await engine.add({ kind: 'torrent', data: readFileSync(torrent) }, options(output, ['127.0.0.1']));
  });
  await Promise.all(adding);
  for (look(); seeding.size < count; look()) await sleep(100);
  process.stdout.write('seeding\n');
}
setInterval(() => {}, 1 << 30);
