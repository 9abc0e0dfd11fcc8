import type { TorrentKey } from '../base/ids.ts';
import type { CommandArgs, CommandName, CommandResult } from '../bridge/contract.ts';
import type { ConnectionCommand } from '../bridge/host/commands.ts';
import type { HostClock } from '../bridge/host/services.ts';
import type { KeptRpc } from '../engine/rpc-kept.ts';
import type { Settings } from '../engine/settings.ts';
import type { Readable } from './torrent.ts';

/** What the program does for its windows is done for these clients too, checked as what windows ask for. */
export type Call = <K extends Exclude<CommandName, ConnectionCommand>>(
  name: K,
  args: CommandArgs<K>,
) => Promise<CommandResult<K>>;

/** What is kept for these clients over runs of the program, besides the numbers of torrents. */
export type KeptChoices = Omit<KeptRpc, 'next' | 'ids'>;

export interface RpcHost {
  readonly engine: Readable;
  readonly clock: HostClock;
  readonly call: Call;
  settings(): Settings;
  /** Whether the alternative limits hold now. */
  alternative(): boolean;
  /** Has the peers of this torrent reported for a while. */
  lookAt(key: TorrentKey): void;
  choices(): KeptChoices;
  keep(choices: Partial<KeptChoices>): void;
  /** Our own version. */
  readonly version: string;
  /** Absolute path of the state folder. */
  readonly stateFolder: string;
  /** What requests have to bear so that no page of another site can make them. */
  readonly sessionId: string;
  /** Ends the program, as a client asked for it. */
  end(): void;
  /** Called with a sentence when something that nobody waited for went wrong. */
  warn(text: string): void;
}
