import { millis } from '../core/base/ids.ts';
import { BridgeHost } from '../core/bridge/host/host.ts';
import { portTransport } from '../core/bridge/line/transports.ts';
import { fakeServices } from '../core/bridge/testing/fake-services.ts';
import { manyDownloads } from '../core/engine/testing/many-downloads.ts';
import { movingEngine } from '../core/engine/testing/moving-engine.ts';

// A made-up program with many downloads. It is a worker, as a real program is no part of the page either: `?many=5000`.

const wall = (): ReturnType<typeof millis> => millis(Date.now());
const count = Number(self.name);
const clock = {
  now: () => millis(performance.now()),
  wall,
  every: (period: number, task: () => void) => {
    const timer = setInterval(task, period);
    return { cancel: () => clearInterval(timer) };
  },
};
const services = fakeServices(clock, movingEngine(clock, manyDownloads(count, wall())));
new BridgeHost(services).attach(
  portTransport({ postMessage: (message) => postMessage(message), close: () => close() }, ({ message }) =>
    addEventListener('message', ({ data }) => message(data)),
  ),
);
