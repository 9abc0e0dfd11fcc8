import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalTracker } from '../../node/local-tracker.ts';
import type { ClientName, Scenario } from '../scenario/scenario.ts';
import type { Outcome } from '../world.ts';
import { idleShare } from './idle.ts';
import { outcomeOf, type PlayedPeer } from './outcome.ts';
import { type EnsembleCommand, type Moved, type OtherProgram, startOther } from './others.ts';
import { makePayload, makeTorrent } from './payload.ts';
import { planOf, type PlannedPeer } from './plan.ts';
import { versionsOf } from './programs.ts';
import { NET_HOST, ShapedNet } from './shaped-net.ts';
import { userProgram } from './user.ts';

/** How often it is looked at who is done, in milliseconds: as exact are the times. */
const LOOK = 50;
/** Between the last program's start and the begin, in milliseconds. */
const PAUSE = 1000;

/** One run. */
export interface Job {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly ensemble: EnsembleCommand;
}

/** A peer on its way through the run; times in milliseconds from the begin. */
class Actor {
  readonly planned: PlannedPeer;
  readonly program: OtherProgram;
  came: number | undefined;
  finished: number | undefined;
  left: number | undefined;
  #moved: Promise<Moved> | undefined;

  constructor(planned: PlannedPeer, program: OtherProgram) {
    this.planned = planned;
    this.program = program;
  }

  /** What it does by now. */
  look(now: number): void {
    const { comes, leave, role } = this.planned;
    if (this.came === undefined) {
      if (now < comes * 1000) return;
      this.came = now;
      this.program.begin();
    } else if (role === 'leecher' && this.finished === undefined) {
      if (this.program.finished()) this.finished = now;
    }
    // A seed has everything from the begin.
    const done = role === 'seed' ? this.came : this.finished;
    if (leave.kind === 'never' || done === undefined || this.left !== undefined) return;
    if (now - done < (leave.kind === 'done' ? 0 : leave.seconds * 1000)) return;
    this.left = now;
    this.stop().catch(() => {}); // `played` hears it
  }

  /** Whether the run waits for it once the user was done at that time: whoever was there by then is to finish. */
  isAwaited(by: number): boolean {
    return this.planned.role === 'leecher' && this.came !== undefined && this.came <= by && this.finished === undefined;
  }

  stop(): Promise<Moved> {
    return (this.#moved ??= this.program.stop());
  }

  async played(): Promise<PlayedPeer> {
    const { planned, came, finished, left } = this;
    return { planned, came, finished, left, moved: await this.stop() };
  }
}

/**
 * Plays one run, in namespaces of this process' own (`insideNamespaces`), below `folder`. Rejects where a program cannot be started, or the user's
 * ends too early.
 */
export async function play({ scenario, seed, ensemble }: Job, folder: string): Promise<Outcome> {
  const plan = planOf(scenario, seed);
  const net = new ShapedNet(folder);
  const tracker = await startLocalTracker({ address: NET_HOST, interval: 30 });
  const { size, piece: pieceLength } = scenario.payload;
  const made = makePayload(`${folder}/seed`, size);
  const torrent = makeTorrent(made, `${folder}/payload.torrent`, { pieceLength, trackers: [tracker.url] });
  const payload = { ...made, torrent };
  const actors = plan.peers.map(
    (planned) => new Actor(planned, startOther(net.host(planned.name, [planned.link]), planned, payload, ensemble)),
  );
  const home = net.host('user', plan.user.links, plan.user.addresses);
  const user = userProgram({ host: home, plan: plan.user, payload, scenario, ensemble });
  await Promise.all([user.ready, ...actors.map(({ program }) => program.ready)]);
  await settle(actors);
  const idle = idleShare();
  const begin = Date.now();
  const startedAt = performance.now();
  const now = (): number => performance.now() - startedAt;
  let came: number | undefined;
  let finished: number | undefined;
  let end: Outcome['end'] = 'limit';
  while (now() < scenario.limit * 1000) {
    for (const actor of actors) actor.look(now());
    if (came === undefined && now() >= plan.user.comes * 1000) {
      came = now();
      user.begin();
    }
    if (came !== undefined && finished === undefined && user.finished()) finished = now();
    const by = finished;
    if (by !== undefined && !actors.some((actor) => actor.isAwaited(by))) {
      end = 'done';
      break;
    }
    await sleep(LOOK);
  }
  const lasted = now();
  const notes = { idle: idle() };
  const told = await user.stop();
  const peers = await Promise.all(actors.map((actor) => actor.played()));
  await tracker.close();
  const clients = new Set<ClientName>([...plan.peers.map(({ client }) => client), scenario.user.client]);
  return outcomeOf({ planned: plan.user, K: scenario.user.K, came: came ?? 0, finished, begin, told }, peers, {
    end,
    lasted,
    programs: await versionsOf(clients),
    notes,
  });
}

/** Seeds that are there before anybody else are known to the tracker when the others come. */
async function settle(actors: readonly Actor[]): Promise<void> {
  for (const actor of actors) if (actor.planned.role === 'seed' && actor.planned.comes === 0) actor.look(0);
  await sleep(PAUSE);
}
