import type { ErrorCode } from '../../base/errors.ts';
import { type IdentityIndex, piece } from '../../base/ids.ts';
import type { AboutDownload, DownloadSetup, FromIdentity, ToIdentity } from '../../identity/messages.ts';
import type { ClaimsDesk } from '../../claims/claims-desk.ts';
import { Attendance } from './attendance.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { ExperimentLog } from '../download/experiment-log.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { NORMAL } from '../../engine/values.ts';
import { healing, readLostReports } from './lost-reports.ts';
import { LateParts } from './late-parts.ts';
import { Machines } from './machines.ts';
import type { Member } from './member.ts';
import { PeerDealer } from '../peers/peer-dealer.ts';
import type { PieceSources } from './piece-sources.ts';
import { namedPeers } from '../download/source.ts';
import { identitySetup, isWhole, type RunPlan } from './run-plan.ts';
import type { SwarmAvailability } from '../peers/swarm-availability.ts';
import { Team, type TeamListener } from './team.ts';
import { Tuning } from './tuning.ts';
import type { Urgency } from './urgency.ts';
import { Whereabouts } from './whereabouts.ts';

/** What a run tells the download that it belongs to. */
export interface RunListener {
  /** Every wanted piece is there. */
  complete(): void;
  /** Some pieces were verified. */
  piecesCame(): void;
  /** An identity cannot go on, or none is left that could. */
  failed(code: ErrorCode, message: string): void;
  changed(): void;
  /** There is news of the machines with which it is shared out. */
  machinesChanged(): void;
}

/** The identities of one download at work: passes on each message to whatever it concerns, and decides which identities stay. */
export class Run implements TeamListener {
  readonly team: Team;
  readonly dealer: PeerDealer;
  readonly tuning: Tuning;
  readonly where: Whereabouts;
  /** Other machines with which it is shared out; undefined: it is not. */
  readonly machines: Machines | undefined;
  readonly #env: DownloadEnv;
  readonly #plan: RunPlan;
  readonly #parts: LateParts;
  readonly #listener: RunListener;
  readonly #log: ExperimentLog | undefined;
  readonly #attendance: Attendance;
  #hashFailures = 0;

  constructor(
    env: DownloadEnv,
    plan: RunPlan,
    { assembled, paused }: { readonly assembled: boolean; readonly paused: boolean },
    log: ExperimentLog | undefined,
    listener: RunListener,
  ) {
    const { clock, interfaces } = env.ports;
    const { key, info, options, members } = plan;
    this.machines = options.together && new Machines(info.pieceCount);
    this.#env = env;
    this.#plan = plan;
    this.#listener = listener;
    this.#log = log;
    this.team = new Team(key, members, env.pool, clock, this);
    this.tuning = new Tuning(env, plan, this.team);
    this.where = new Whereabouts(plan, this.team, assembled);
    const post = (to: IdentityIndex, message: ToIdentity): void => this.#post(to, message);
    this.#parts = new LateParts({ env, plan, team: this.team, log, post });
    // Who is to fetch what is settled from the start; of what is whole nothing is shared out.
    if (!isWhole(plan, assembled)) this.#parts.makeDesk();
    this.#attendance = new Attendance(plan, paused, this);
    const { dealing } = options;
    this.dealer = new PeerDealer({ key, clock, interfaces, members, isPrivate: info.private, dealing }, this.team);
    this.dealer.found([...namedPeers(options, plan), ...plan.found]);
  }

  get desk(): ClaimsDesk {
    return this.#parts.desk;
  }

  get availability(): SwarmAvailability {
    return this.#parts.availability;
  }

  get sources(): PieceSources {
    return this.#parts.sources;
  }

  get urgency(): Urgency {
    return this.#parts.urgency;
  }

  /** Nothing is needed before all else any more. */
  nobodyReads(): void {
    this.#parts.made.urgency?.set([], []);
  }

  /** How many pieces an identity claims. */
  claimed(identity: IdentityIndex): number {
    return this.#parts.made.desk?.claimed(identity) ?? 0;
  }

  /** How many pieces were fetched twice though nobody was to. */
  get duplicates(): number {
    return (this.#parts.made.desk?.duplicates ?? 0) + (this.machines?.twice ?? 0);
  }

  /** How many wanted pieces nobody has or claims. */
  get free(): number {
    return this.desk.free;
  }

  nobodyLeft(): void {
    const nobody = 'Every identity process died again and again and was given up: see the log.';
    this.#listener.failed('interrupted', nobody);
  }

  /** All identities are leaving: nothing new can be begun with it. */
  get ends(): boolean {
    return this.#attendance.ends;
  }

  get hashFailures(): number {
    return this.#hashFailures;
  }

  /** Makes the identities take part, if there is something to fetch. */
  start(): void {
    this.#attendance.start();
  }

  setup(member: Member): DownloadSetup {
    return identitySetup(this.#plan, member, {
      shares: this.#sharesFor(member),
      paused: this.#attendance.paused,
      location: this.where.of(member),
      tuning: this.tuning.of(member),
    });
  }

  #sharesFor({ index, begun }: Member): Uint8Array | 'whole' {
    if (!isWhole(this.#plan, this.where.assembled)) return this.desk.sharesFor(index, begun.map(({ piece }) => piece)); // prettier-ignore
    this.#parts.made.desk?.begin(index);
    return 'whole';
  }

  joined(member: Member): void {
    this.#log?.write(member.index, { event: 'start', pieces: member.pieces });
    this.#parts.made.bans?.joined(member);
    this.machines?.forget();
    this.#parts.made.urgency?.forget(member.index);
    this.dealer.forget(member.index);
    this.dealer.introduce();
    this.dealer.deal();
  }

  async lost(member: Member, gaveUp: boolean): Promise<void> {
    this.#log?.ended(member, gaveUp ? 'given-up' : 'died');
    const claimed = this.claimed(member.index);
    this.#parts.made.desk?.forget(member.index);
    this.machines?.forget();
    // What it had verified but not reported is in its journal: that stays, and only the rest goes to the others (A15).
    const { info, workFolder, ledger } = this.#plan;
    const pieces = await readLostReports(this.#env.ports.disk, workFolder, info, member.index, ledger);
    this.#verified(member, pieces);
    this.#tell(
      healing(member.index, pieces.length, this.#attendance.keepsToRanges && !gaveUp ? 0 : claimed - pieces.length),
    );
    if (member.phase !== 'active') this.#parts.made.desk?.vacate(member.index, gaveUp);
    this.tuning.shareSlots();
    this.#parts.made.sharing?.gone(member.index);
    this.#parts.made.urgency?.forget(member.index);
    this.dealer.deal();
    this.#attendance.checkHands();
  }

  left(member: Member): void {
    this.#log?.ended(member, this.#attendance.complete ? 'complete' : 'left');
    this.#parts.made.desk?.vacate(member.index, false);
    this.tuning.shareSlots();
    this.#parts.made.sharing?.gone(member.index);
    this.#parts.made.urgency?.forget(member.index);
    this.dealer.introduce();
    this.dealer.deal();
  }

  /** A message of an identity about this download. */
  message(member: Member, message: AboutDownload): void {
    const { ledger } = this.#plan;
    switch (message.type) {
      case 'listening':
      case 'peers-found':
        this.dealer.heard(member, message);
        break;
      case 'peer':
        this.dealer.heard(member, message);
        this.#log?.heard(member.index, message);
        break;
      case 'claim':
        this.desk.claim(member.index, message.pieces);
        break;
      case 'release':
        this.#parts.sharing.released(member.index, message.pieces);
        break;
      case 'verified':
        this.#verified(member, message.pieces);
        break;
      case 'ask-sibling':
      case 'brought':
        this.urgency.passOn(member.index, message);
        break;
      case 'collected':
        this.#collected(member, message.pieces);
        break;
      case 'machines':
        this.machines?.heard(message);
        this.#listener.machinesChanged();
        break;
      case 'synced':
        for (const p of message.pieces) if (ledger.present.has(p)) ledger.synced.add(p);
        break;
      case 'hash-failed':
        this.#hashFailures++;
        this.#log?.heard(member.index, message);
        break;
      case 'banned':
        this.#parts.bans.heard(member, message.host);
        break;
      case 'idle':
        // Who fetches nothing has nothing to run out of.
        if (this.#attendance.complete || !member.fetches) break;
        if (this.#attendance.keepsToRanges ? this.#attendance.rangeDone(member) : this.#parts.sharing.idle(member))
          this.#attendance.shareDone(member);
        break;
      case 'availability':
        this.availability.update(member, message.counts);
        break;
      case 'failed':
        // From an identity that is no longer waited for this is no news: its files may have been removed already.
        if (member.phase === 'left' || this.#attendance.ends) break;
        this.#listener.failed(message.code, this.#failureOf(member, message.message));
        break;
      case 'files-closed':
      case 'leaving':
      case 'left':
        this.team.received(member, message);
        break;
      case 'metadata':
        // A run begins with the metadata.
        break;
      default:
        message satisfies never;
    }
  }

  /** Once a second. */
  tick(): void {
    const { selection } = this.#plan.options;
    this.dealer.deal();
    // An identity with a range of its own needs peers to fetch it from; other work goes to identities that have peers.
    this.dealer.evenOut(selection === 'fixed');
    this.tuning.shareSlots();
    this.#tell(this.#parts.made.sharing?.news());
    if (selection === 'rarest')
      this.#parts.made.availability?.share(this.#plan.key, this.team, this.#env.ports.clock.now());
    this.#parts.made.urgency?.changed();
    this.#log?.sample(this.team.active);
  }

  /** Which of the machines with which it is shared out end with the whole. */
  collect(mode: DownloadOptions['collect']): void {
    this.team.broadcast({ type: 'collect', key: this.#plan.key, mode });
  }

  setPaused(paused: boolean): void {
    this.#attendance.pause(paused);
  }

  /** The working folder now belongs to somebody else: it is left as it is. */
  loseFolder(): void {
    this.#attendance.end();
    this.where.lost();
  }

  /** From now on this identity is an ordinary seed. */
  seedWith(member: Member): void {
    if (member.seed && member.phase !== 'left') return;
    member.seeds(true);
    if (member.phase === 'active') this.team.post(member, { type: 'seed', key: this.#plan.key });
    else this.team.join(member);
  }

  /** Links may be used for something else now. */
  rolesChanged(): void {
    this.#parts.made.desk?.rolesChanged();
    this.tuning.shareSlots();
    this.#attendance.checkHands();
  }

  /** Pieces turned out wrong on disk: they are fetched again. */
  fetchAgain(pieces: Uint32Array): void {
    this.#attendance.incomplete();
    this.team.broadcast({ type: 'lost', key: this.#plan.key, pieces });
    this.desk.lost(pieces);
    // Settled pieces had been reported as unwanted.
    this.#tellPriorities();
    this.desk.tell();
    this.#recheckCompletion();
    this.#attendance.callAll();
  }

  /** The choice of files, or what depends on it, changed. */
  choiceChanged(): void {
    this.#tellPriorities();
    this.desk.choiceChanged();
    this.#attendance.choiceChanged();
    this.#recheckCompletion();
    // A paused download continues when it is resumed.
    if (!this.#attendance.complete && !this.#attendance.paused) this.#attendance.callAll();
  }

  #tellPriorities(): void {
    const { info, ledger } = this.#plan;
    const priorities = ledger.priorities ?? new Uint8Array(info.pieceCount).fill(NORMAL);
    this.team.broadcast({ type: 'priorities', key: this.#plan.key, priorities });
  }

  /** Resolves when all have left. */
  async end(): Promise<void> {
    this.#attendance.end();
    await this.team.leaveAll();
    this.#parts.made.desk?.close();
    this.#parts.made.urgency?.close();
    this.dealer.close();
  }

  #post(to: IdentityIndex, message: ToIdentity): void {
    const member = this.team.member(to);
    if (member !== undefined) this.team.post(member, message);
  }

  #verified(member: Member, pieces: Extract<FromIdentity, { readonly type: 'verified' }>['pieces']): void {
    const { ledger } = this.#plan;
    for (const { piece: index, late } of pieces) {
      // In the end-game two identities may finish a piece before either hears of the other.
      if (!late && ledger.present.has(index) && ledger.owners[index] !== member.index) {
        member.wasted(ledger.sizeOf(index));
      }
    }
    for (const { piece: index, from, seconds } of this.desk.verified(member.index, pieces)) {
      member.fetched();
      this.sources.add(piece(index), from);
      this.#log?.write(member.index, { event: 'piece', piece: piece(index), from, seconds });
    }
    this.#listener.piecesCame();
    this.#recheckCompletion();
    // A fixed range is the whole share of an identity, to which nothing is added: it need not ask for more.
    if (this.#attendance.keepsToRanges && member.phase === 'active' && this.#attendance.rangeDone(member))
      this.#attendance.shareDone(member);
  }

  /** Other machines had fetched these. */
  #collected({ index }: Member, pieces: Uint32Array): void {
    const { ledger, info } = this.#plan;
    for (const p of pieces) if (p < info.pieceCount) ledger.add(piece(p), index);
    this.#listener.piecesCame();
    this.#recheckCompletion();
  }

  /** What went wrong stands first; who met it is of interest where there are several. */
  #failureOf({ index }: Member, message: string): string {
    return this.team.members.length === 1 ? message : `${message} (Identity ${index + 1})`;
  }

  #recheckCompletion(): void {
    if (!this.#attendance.completes()) return;
    this.team.callOff();
    this.#tell(this.#parts.made.sharing?.news());
    this.desk.tell();
    this.#listener.complete();
  }

  /** Writes to the log that people read. */
  #tell(message: string | undefined): void {
    if (message === undefined) return;
    this.#env.emit({ type: 'log', key: this.#plan.key, level: 'info', message });
  }
}
