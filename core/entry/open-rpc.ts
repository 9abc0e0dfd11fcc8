import { millis } from '../base/ids.ts';
import { messageOf } from '../base/errors.ts';
import type { BridgeHost } from '../bridge/host/host.ts';
import type { SettingsKeeper } from '../bridge/host/services.ts';
import { readVersioned, writeVersioned } from '../coordinator/catalog/versioned-file.ts';
import type { Engine } from '../engine/engine.ts';
import { FIRST_RPC, RPC_VERSION, rpcFile } from '../engine/rpc-kept.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeDisk } from '../node/disk.ts';
import { NodeRandom } from '../node/random.ts';
import type { Timer } from '../ports/clock.ts';
import { TransmissionRpc } from '../rpc/transmission-rpc.ts';
import { VERSION } from './version.ts';

/** Changes of so long are kept at once, as many torrents may come one after the other. */
const KEEP_AFTER = millis(2000);
/** Until then the client that asked for the end has its answer. */
const END_AFTER = millis(500);

export interface OpenRpcOptions {
  readonly engine: Engine;
  readonly bridge: BridgeHost;
  readonly settings: SettingsKeeper;
  /** Absolute. */
  readonly stateFolder: string;
  /** See CoordinatorOptions. */
  readonly stateHeld: () => Promise<boolean>;
  /** A client asked for the end of the program. */
  readonly end: () => void;
  readonly warn: (text: string) => void;
}

/** Transmission's protocol over an engine, and what requests have to bear. */
export interface OpenRpc {
  readonly rpc: TransmissionRpc;
  readonly sessionId: string;
  /** Keeps what has changed. */
  close(): Promise<void>;
}

/** Rejects where what was kept is damaged or of a newer program. */
export async function openRpc(options: OpenRpcOptions): Promise<OpenRpc> {
  const { engine, bridge, settings, stateFolder, stateHeld, end, warn } = options;
  const disk = new NodeDisk();
  const clock = new NodeClock();
  const path = `${stateFolder}/rpc.json`;
  const { ids, next, ...first } = (await readVersioned(disk, path, RPC_VERSION, rpcFile)) ?? FIRST_RPC;
  let choices = first;
  let timer: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    if (await stateHeld()) await writeVersioned(disk, path, RPC_VERSION, { ...rpc.kept, ...choices });
  };
  const keep = (): void => {
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => warn(messageOf(error)));
  };
  const changed = (): void => {
    timer ??= clock.after(KEEP_AFTER, keep);
  };
  const sessionId = Buffer.from(new NodeRandom().bytes(36)).toString('base64url');
  const rpc: TransmissionRpc = new TransmissionRpc(
    {
      engine,
      clock,
      call: (name, args) => bridge.call(name, args),
      settings: () => settings.current,
      alternative: () => bridge.alternative,
      lookAt: (key) => bridge.lookAt(key),
      choices: () => choices,
      keep: (news) => {
        choices = { ...choices, ...news };
        changed();
      },
      version: VERSION,
      stateFolder,
      sessionId,
      end: () => void clock.after(END_AFTER, end),
      warn,
    },
    { ids, next },
    changed,
  );
  return {
    rpc,
    sessionId,
    close: async () => {
      rpc.close();
      if (timer !== undefined) {
        timer.cancel();
        keep();
      }
      await writing;
    },
  };
}
