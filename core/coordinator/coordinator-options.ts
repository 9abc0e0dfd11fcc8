import type { Endpoint } from '../base/endpoint.ts';
import type { Millis, PeerId } from '../base/ids.ts';
import type { CalendarTime } from '../engine/link-rules.ts';
import type { Ports } from '../ports/ports.ts';
import type { ProcessFacts } from '../ports/process-facts.ts';
import type { ProcessHost } from '../ports/process-host.ts';
import type { Programs } from '../ports/programs.ts';
import type { Roots } from './folder/roots.ts';

export interface CoordinatorOptions {
  readonly ports: Ports;
  readonly processHost: ProcessHost;
  readonly processFacts: ProcessFacts;
  /** Absolute folder of the catalog; undefined: only working folders are kept. */
  readonly stateFolder?: string;
  /** Checks that the state folder is still ours alone, even after a long sleep. */
  readonly stateHeld?: () => Promise<boolean>;
  /** Absolute folder where what nodes of the DHT know, and what metered links carried, is kept, where there is no state folder. */
  readonly dhtFolder?: string;
  /** The nodes from which those of ours start, whatever the settings say. */
  readonly dhtBootstrap?: readonly Endpoint[];
  /** What the machine's calendar shows, for links that are used at times or metered by month; undefined: that of UTC. */
  readonly calendar?: (wall: Millis) => CalendarTime;
  /** Where downloads may lie; undefined: anywhere. */
  readonly roots?: Roots;
  /** Runs what the user wants run when a download is done; undefined: nothing is. */
  readonly programs?: Programs;
  /** Makes a new peer id each time (BEP 20). */
  readonly newPeerId: () => PeerId;
}
