import { BridgeHost } from '../../bridge/host/host.ts';
import { fakeServices } from '../../bridge/testing/fake-services.ts';
import type { HostServices } from '../../bridge/host/services.ts';
import type { Settings } from '../../engine/settings.ts';
import { FIRST_RPC } from '../../engine/rpc-kept.ts';
import type { FakeEngine } from '../../engine/testing/fake-engine.ts';
import { movingDownloads, movingEngine } from '../../engine/testing/moving-engine.ts';
import { VirtualClock } from '../../sim/clock.ts';
import type { KeptChoices } from '../host.ts';
import type { KeptIds } from '../torrent-ids.ts';
import { type Reply, TransmissionRpc } from '../transmission-rpc.ts';

/** The protocol over an engine without a swarm: four downloads, numbered 1 to 4, downloading, seeding, paused, and stalled. */
export class RpcBench {
  readonly clock = new VirtualClock();
  readonly engine: FakeEngine = movingEngine(this.clock, movingDownloads(this.clock.wall()));
  readonly bridge: BridgeHost;
  readonly warnings: string[] = [];
  choices: KeptChoices = FIRST_RPC;
  ended = 0;
  /** How often it was told that numbers have changed. */
  changed = 0;
  readonly rpc: TransmissionRpc;
  readonly #services: HostServices;

  constructor(kept: KeptIds = { next: 1, ids: {} }) {
    const services = fakeServices(this.clock, this.engine);
    this.#services = services;
    this.bridge = new BridgeHost(services);
    this.rpc = new TransmissionRpc(
      {
        engine: this.engine,
        clock: this.clock,
        call: (name, args) => this.bridge.call(name, args),
        settings: () => services.settings.current,
        alternative: () => this.bridge.alternative,
        lookAt: (key) => this.bridge.lookAt(key),
        choices: () => this.choices,
        keep: (choices) => (this.choices = { ...this.choices, ...choices }),
        version: '9.8.7',
        stateFolder: '/home/user/.state',
        sessionId: 'secret',
        end: () => void this.ended++,
        warn: (text) => void this.warnings.push(text),
      },
      kept,
      () => void this.changed++,
    );
  }

  get settings(): Settings {
    return this.#services.settings.current;
  }

  /** Sends what may be no request at all. */
  send(body: string): Promise<Reply> {
    return this.clock.resolve(this.rpc.answer(new TextEncoder().encode(body)));
  }

  reply(method: string, args: object = {}): Promise<Reply> {
    return this.send(JSON.stringify({ method, arguments: args }));
  }

  /** The arguments of an answer; rejects with a result that is no success. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any form
  async ask(method: string, args: object = {}): Promise<any> {
    const { result, arguments: answer } = await this.reply(method, args);
    if (result !== 'success') throw new Error(result);
    return answer;
  }

  /** Some fields of some torrents. */
  async get(ids: unknown, ...fields: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    return (await this.ask('torrent-get', { ids, fields })).torrents;
  }
}
