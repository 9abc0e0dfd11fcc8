import type { LayoutKind, SeedRule, SelectionMode } from '../base/choices.ts';
import type { DownloadOptions } from './engine.ts';

export type Appearance = 'system' | 'light' | 'dark';
export type LogLevel = 'error' | 'warn' | 'info';

/** What the user chose once for all downloads. `null` where the program decides. */
export interface Settings {
  /** Absolute; where downloads go unless chosen otherwise. */
  readonly folder: string;
  readonly identities: number;
  readonly selection: SelectionMode;
  readonly share: boolean;
  readonly assemble: boolean;
  readonly layout: LayoutKind;
  readonly seed: SeedRule;
  /** First port of a download's identities; 0: any free one. */
  readonly port: number;
  /** Local addresses or interface names, dealt to the identities in turn; empty: the system chooses. */
  readonly bind: readonly string[];
  /** Over all downloads; 0: none. */
  readonly down: number;
  readonly up: number;
  readonly maxUploads: number;
  readonly maxPeers: number;
  readonly appearance: Appearance;
  readonly logLevel: LogLevel;
  /** Choices of the last Add dialog; `null`: none yet, take those above. */
  readonly lastChoices: AddChoices | null;
}

/** What the Add dialog remembers. */
export type AddChoices = Pick<
  DownloadOptions,
  | 'output'
  | 'identities'
  | 'selection'
  | 'share'
  | 'assemble'
  | 'layout'
  | 'seed'
  | 'bind'
  | 'port'
  | 'takeOver'
  | 'stay'
  | 'sequential'
> & {
  readonly down: number;
  readonly up: number;
  readonly identityDown: number;
  readonly identityUp: number;
};
