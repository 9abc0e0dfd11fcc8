import type { Engine } from '../engine/engine.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { LinkProfile } from '../engine/link-profiles.ts';
import type { ListRules } from '../engine/list-rules.ts';
import type { DhtSettings, RateLimits, Ways } from '../engine/statuses.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import type { Roots } from '../coordinator/folder/roots.ts';
import { ForkProcessHost } from '../node/fork-process-host.ts';
import { nodePorts } from '../node/node-ports.ts';
import { calendarTime } from '../node/local-time.ts';
import { NodePrograms } from '../node/programs.ts';
import { giveBackAtRest } from '../node/spare-memory.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import type { ProcessHost } from '../ports/process-host.ts';
import { makePeerId } from '../wire/peer-id.ts';
import { childOptions, type EntryScripts } from './entry-scripts.ts';
import { messageOf } from '../base/errors.ts';
import type { Settings } from '../engine/settings.ts';
import { onFault } from './faults.ts';
import { readBarred } from './filter-file.ts';
import { VERSION } from './version.ts';

export interface EngineOptions {
  /** Absolute; without it nothing is stored between runs. */
  readonly stateFolder?: string;
  /** See CoordinatorOptions. */
  readonly stateHeld?: () => Promise<boolean>;
  /** See CoordinatorOptions. */
  readonly dhtFolder?: string;
  /** See CoordinatorOptions. */
  readonly dhtBootstrap?: readonly Endpoint[];
  /** Where downloads may lie; undefined: anywhere. */
  readonly roots?: Roots;
  /** Limits and rules over all downloads, and the ways to peers that they may use, from the first byte; no limits and all ways unless given. */
  readonly settings?: RateLimits &
    Ways &
    ListRules &
    DhtSettings &
    Pick<Settings, 'ipFilter' | 'banned' | 'linkProfiles'>;
  /** The links that have names; without them those of `settings`, or none. */
  readonly linkProfiles?: readonly LinkProfile[];
  /** What starts the processes; forks of Node unless given. */
  readonly processHost?: ProcessHost;
}

/** Builds the coordinator of this process, in order, and starts it (B19). */
export async function createEngine(scripts: EntryScripts, options: EngineOptions = {}): Promise<Engine> {
  const { stateFolder, stateHeld, settings, roots, dhtFolder, dhtBootstrap } = options;
  const { linkProfiles = settings?.linkProfiles ?? [] } = options;
  const { processHost = new ForkProcessHost(scripts, childOptions()) } = options;
  const ports = nodePorts({ version: VERSION, looksTogether: true });
  const coordinator = new Coordinator({
    ports,
    processHost,
    processFacts: new NodeProcessFacts(),
    calendar: calendarTime,
    programs: new NodePrograms(),
    newPeerId: () => makePeerId((count) => ports.random.bytes(count), VERSION),
    ...(stateFolder === undefined ? {} : { stateFolder }),
    ...(stateHeld === undefined ? {} : { stateHeld }),
    ...(roots === undefined ? {} : { roots }),
    ...(dhtFolder === undefined ? {} : { dhtFolder }),
    ...(dhtBootstrap === undefined ? {} : { dhtBootstrap }),
  });
  onFault((text) => coordinator.warn(text));
  coordinator.setLinks(linkProfiles);
  if (settings !== undefined) {
    coordinator.setLimits(settings);
    coordinator.setWays(settings);
    coordinator.setRules(settings);
    coordinator.setDht(settings);
    // A list that is gone keeps nobody out: then those whom the user banned are.
    const barred = await readBarred(settings).catch((error: unknown) => {
      coordinator.warn(messageOf(error));
      return readBarred({ ...settings, ipFilter: '' });
    });
    coordinator.setBarred(barred.ranges);
  }
  giveBackAtRest();
  await coordinator.start();
  return coordinator;
}
