import { type InfoHashV1, millis } from '../core/base/ids.ts';
import { RpcClient } from '../core/bridge/window/client.ts';
import type { BridgeClient, BridgeTransport } from '../core/bridge/contract.ts';
import { BridgeHost } from '../core/bridge/host/host.ts';
import { fakeServices } from '../core/bridge/testing/fake-services.ts';
import { FAKE_PROFILES } from '../core/engine/testing/fake-links.ts';
import { MovingDownload, fakeOptions } from '../core/engine/testing/moving-download.ts';
import { movingDownloads, movingEngine } from '../core/engine/testing/moving-engine.ts';
import type { HostClock, HostServices } from '../core/bridge/host/services.ts';
import { memoryTransports, portTransport } from '../core/bridge/line/transports.ts';
import { start } from './start.tsx';

// The window in front of a made-up program. `?downloads=none`: nothing in the list; `?pieces=100000&identities=32&done=0.4`:
// one download of that size, `&speed=8` that much faster, `&private` a private one; `?many=5000`: so many, in a worker; `?addresses=1`: a computer with one address; `?links`: links that have names; `?desktop`: as in the
// desktop application; `?clock=manual`: time stands, and `ensembleFake.pass(milliseconds)` lets it pass at once.

const query = new URLSearchParams(location.search);

const clock = query.get('clock') === 'manual' ? manualClock() : realClock();

function realClock(): HostClock {
  return {
    now: () => millis(performance.now()),
    wall: () => millis(Date.now()),
    every: (period, task) => {
      const timer = setInterval(task, period);
      return { cancel: () => clearInterval(timer) };
    },
  };
}

function manualClock(): HostClock {
  const began = Date.now();
  const tasks = new Set<{ due: number; readonly period: number; readonly run: () => void }>();
  let now = 0;
  const pass = (span: number): void => {
    for (const end = now + span; ;) {
      const [next] = [...tasks].sort((a, b) => a.due - b.due);
      if (next === undefined || next.due > end) return void (now = end);
      now = next.due;
      next.due += next.period;
      next.run();
    }
  };
  Object.assign(globalThis, { ensembleFake: { pass } });
  return {
    now: () => millis(now),
    wall: () => millis(began + now),
    every: (period, run) => {
      const task = { due: now + period, period, run };
      tasks.add(task);
      return { cancel: () => tasks.delete(task) };
    },
  };
}

function downloads(): readonly MovingDownload[] {
  if (query.get('downloads') === 'none') return [];
  const pieces = query.get('pieces');
  if (pieces === null) return movingDownloads(clock.wall());
  return [
    new MovingDownload({
      infoHash: 'a'.repeat(40) as InfoHashV1,
      name: `${pieces} pieces`,
      added: clock.wall(),
      pieces: Number(pieces),
      done: Number(query.get('done') ?? 0.4),
      speed: Number(query.get('speed') ?? 1),
      private: query.has('private'),
      options: fakeOptions({ identities: Number(query.get('identities') ?? 4), assemble: false }),
    }),
  ];
}

function services(): HostServices {
  const made = fakeServices(clock, movingEngine(clock, downloads()));
  if (query.has('links')) {
    void made.settings.change({ linkProfiles: FAKE_PROFILES });
    made.engine.setLinks(FAKE_PROFILES);
  }
  const addresses = made.addresses().slice(-Number(query.get('addresses') ?? 3) - 1);
  const shell = { kind: 'desktop', platform: 'linux', showsFiles: true, folderDialog: true } as const;
  return {
    ...made,
    addresses: () => addresses,
    ...(query.has('desktop')
      ? {
          app: { ...made.app, shell, roots: [], mayRunPrograms: true },
          shell: {
            chooseFile: () => Promise.resolve('/home/user/film.mkv'),
            chooseFolder: () => Promise.resolve('/home/user/Films'),
            reveal: () => Promise.resolve(),
            openFile: () => Promise.resolve(),
          },
        }
      : {}),
  };
}

function bridge(): BridgeClient {
  if (query.has('many')) return new RpcClient({ connect: () => Promise.resolve(worker()) });
  const [page, program] = memoryTransports(queueMicrotask);
  new BridgeHost(services()).attach(program);
  return new RpcClient({ connect: () => Promise.resolve(page) });
}

function worker(): BridgeTransport {
  const made = new Worker(new URL('./fake-many.ts', import.meta.url), {
    type: 'module',
    name: query.get('many') ?? '',
  });
  return portTransport(
    { postMessage: (message) => made.postMessage(message), close: () => made.terminate() },
    ({ message }) => made.addEventListener('message', ({ data }) => message(data)),
  );
}

start(bridge());
