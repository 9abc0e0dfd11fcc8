import { formatEndpoint } from '../../base/endpoint.ts';
import { foundBy } from '../../base/peer-source.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { type IdentityIndex, millis, type Millis, piece } from '../../base/ids.ts';
import { NowAndThen } from '../../base/now-and-then.ts';
import type { DownloadSetup, FromIdentity, ToIdentity } from '../../identity/messages.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import { ClaimsDesk } from '../../claims/claims-desk.ts';
import { WorkSharing } from '../../claims/work-sharing.ts';
import { Attendance } from './attendance.ts';
import { BanSharing } from '../peers/ban-sharing.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { ExperimentLog } from '../download/experiment-log.ts';
import { NORMAL } from '../download/file-choice.ts';
import { healing, readLostReports } from './lost-reports.ts';
import type { Member } from './member.ts';
import { PeerDealer } from '../peers/peer-dealer.ts';
import { PieceSources } from './piece-sources.ts';
import { namedPeers } from '../download/source.ts';
import { tuningOf } from '../../engine/tuning.ts';
import { identitySetup, locationOf, type RunPlan } from './run-plan.ts';
import { SlotSharing } from '../peers/slot-sharing.ts';
import { SwarmAvailability } from '../peers/swarm-availability.ts';
import { Team, type TeamListener } from './team.ts';

/** What a run tells the download that it belongs to. */
export interface RunListener {
  /** Every wanted piece is there. */
  complete(): void;
  /** An identity cannot go on, or none is left that could. */
  failed(code: ErrorCode, message: string): void;
  changed(): void;
}

const TELL_AVAILABILITY_EVERY = millis(2000);

/** The identities of one download at work: passes on each message to whatever it concerns, and decides which identities stay. */
export class Run implements TeamListener {
  readonly desk: ClaimsDesk;
  readonly team: Team;
  readonly availability: SwarmAvailability;
  readonly dealer: PeerDealer;
  readonly sources: PieceSources;
  readonly #env: DownloadEnv;
  readonly #plan: RunPlan;
  readonly #sharing: WorkSharing;
  readonly #bans: BanSharing;
  readonly #slots: SlotSharing;
  readonly #listener: RunListener;
  readonly #log: ExperimentLog | undefined;
  readonly #attendance: Attendance;
  #hashFailures = 0;
  /** Whether the files have their final names. */
  #assembled: boolean;
  readonly #tellsAvailability = new NowAndThen(TELL_AVAILABILITY_EVERY, 0);

  constructor(
    env: DownloadEnv,
    plan: RunPlan,
    { assembled, paused }: { readonly assembled: boolean; readonly paused: boolean },
    log: ExperimentLog | undefined,
    listener: RunListener,
  ) {
    const { clock, interfaces } = env.ports;
    const { key, info, ledger, options, members } = plan;
    this.#env = env;
    this.#plan = plan;
    this.#listener = listener;
    this.#log = log;
    this.#assembled = assembled;
    this.team = new Team(key, members, env.pool, clock, this);
    this.desk = new ClaimsDesk(
      {
        clock,
        ledger,
        pieceCount: info.pieceCount,
        count: members.length,
        fixed: members.length === 1 || options.selection === 'fixed',
        takeOver: options.takeOver,
      },
      {
        shares: (to, state, pieces) => this.#post(to, { type: 'shares', key, state, pieces }),
        present: (to, pieces, owners) => this.#post(to, { type: 'present', key, pieces, owners }),
        log: (identity, event, index) => log?.write(identity, { event, piece: index }),
      },
    );
    const nobody = 'Every identity process died again and again and was given up: see the log.';
    this.#attendance = new Attendance(plan, paused, this.team, this.desk, () => listener.failed('interrupted', nobody));
    this.sources = new PieceSources(info.pieceCount);
    this.availability = new SwarmAvailability(info.pieceCount);
    this.dealer = new PeerDealer({ key, clock, interfaces, members }, this.team);
    this.dealer.found(namedPeers(options, plan));
    this.#sharing = new WorkSharing(info.pieceLength, clock, this.desk, {
      active: () => this.team.active,
      giveBack: (from, most) => this.#post(from, { type: 'give-back', key, most }),
    });
    this.#bans = new BanSharing(key, this.team);
    this.#slots = new SlotSharing(members, interfaces);
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
      shares: this.desk.sharesFor(
        member.index,
        member.begun.map((record) => record.piece),
      ),
      paused: this.#attendance.paused,
      assembled: this.#assembled,
      limits: this.#env.limitsOf(this.#plan.key, member.index),
      ways: this.#env.ways(),
      maxUploads: this.#slots.take(member, this.#plan.options.maxUploads),
    });
  }

  joined(member: Member): void {
    this.#log?.write(member.index, { event: 'start', pieces: member.pieces });
    this.#bans.joined(member);
    this.dealer.forget(member.index);
    this.dealer.introduce();
    this.dealer.deal();
  }

  async lost(member: Member, gaveUp: boolean): Promise<void> {
    this.#logEnd(member, gaveUp ? 'given-up' : 'died');
    const claimed = this.desk.claimed(member.index);
    this.desk.forget(member.index);
    member.begun = [];
    // What it had verified but not reported is in its journal: that stays, and only the rest goes to the others (A15).
    const { info, workFolder, ledger } = this.#plan;
    const pieces = await readLostReports(this.#env.ports.disk, workFolder, info, member.index, ledger);
    this.#verified(member, pieces);
    this.#tell(
      healing(member.index, pieces.length, this.#attendance.isPlainFixed && !gaveUp ? 0 : claimed - pieces.length),
    );
    if (member.phase !== 'active') this.desk.vacate(member.index, gaveUp);
    this.#shareSlots();
    this.#sharing.gone(member.index);
    this.dealer.deal();
    this.#attendance.checkHands();
  }

  left(member: Member): void {
    this.#logEnd(member, this.#attendance.complete ? 'complete' : 'left');
    this.desk.vacate(member.index, false);
    this.#shareSlots();
    this.#sharing.gone(member.index);
    this.dealer.introduce();
    this.dealer.deal();
  }

  /** A message of an identity about this download. */
  message(member: Member, message: FromIdentity): void {
    const { ledger } = this.#plan;
    switch (message.type) {
      case 'listening':
        member.endpoint = message.endpoint;
        this.dealer.introduce();
        break;
      case 'claim':
        this.desk.claim(member.index, message.pieces);
        break;
      case 'release':
        this.#sharing.released(member.index, message.pieces);
        break;
      case 'verified':
        this.#verified(member, message.pieces);
        break;
      case 'synced':
        for (const p of message.pieces) if (ledger.present.has(p)) ledger.synced.add(p);
        break;
      case 'hash-failed':
        this.#hashFailures++;
        this.#log?.heard(member.index, message);
        break;
      case 'banned':
        this.#bans.heard(member, message.host);
        break;
      case 'idle':
        if (this.#attendance.complete) break;
        if (this.#attendance.isPlainFixed ? this.#attendance.rangeDone(member) : this.#sharing.idle(member))
          this.#attendance.shareDone(member);
        break;
      case 'peers-found':
        this.dealer.found(foundBy(message.source, message.endpoints));
        break;
      case 'peer':
        this.#peer(member, message);
        break;
      case 'availability':
        this.availability.update(member, message.counts);
        break;
      case 'failed':
        // From an identity that is no longer waited for this is no news: its files may have been removed already.
        if (member.phase === 'left' || this.#attendance.ends) break;
        this.#listener.failed(message.code, `Identity ${member.index + 1}: ${message.message}`);
        break;
      case 'files-closed':
      case 'leaving':
      case 'left':
        this.team.received(member, message);
        break;
      default:
        break;
    }
  }

  status(member: Member, status: SwarmStatus): void {
    // The last report of an identity that is leaving has what came since the one before.
    if (member.phase !== 'active' && member.phase !== 'leaving') return;
    const before = member.outer;
    member.status = status;
    const { outer } = member;
    if (before?.host !== outer?.host || before?.port !== outer?.port) this.dealer.introduce();
    if (status.endpoint !== undefined) member.endpoint = status.endpoint;
  }

  /** Once a second. */
  tick(): void {
    const now = this.#env.ports.clock.now();
    this.dealer.deal();
    // An identity with a range of its own needs peers to fetch it from; other work goes to identities that have peers.
    this.dealer.evenOut(this.#plan.options.selection === 'fixed');
    this.#shareSlots();
    this.#tell(this.#sharing.news());
    const members = this.team.active;
    const { selection } = this.#plan.options;
    if (members.length > 1 && selection === 'rarest' && this.#tellsAvailability.due(now)) {
      for (const { member, counts } of this.availability.news(members)) {
        this.team.post(member, { type: 'swarm-availability', key: this.#plan.key, counts });
      }
    }
    this.#log?.sample(members);
  }

  setPaused(paused: boolean): void {
    this.#attendance.pause(paused);
    this.team.broadcast({ type: paused ? 'pause' : 'resume', key: this.#plan.key });
  }

  /** Extends the time until which the working folder is ours to write in. */
  leased(until: Millis | undefined): void {
    this.team.tell({ type: 'lease', key: this.#plan.key, ...(until === undefined ? {} : { until }) });
  }

  /** The working folder now belongs to somebody else: all identities leave it as it is. */
  loseFolder(): void {
    this.#attendance.end();
    this.team.tell({ type: 'lease-lost', key: this.#plan.key });
  }

  /** The files bear their final names from now on. */
  placed(): void {
    this.#assembled = true;
  }

  /** Tells the identities where the files lie now; if they have their final names the working folder goes, with its lock. */
  moved(): void {
    if (this.#assembled) this.leased(undefined);
    this.team.moved((member) => locationOf(this.#plan, member.index, this.#assembled));
  }

  /** From now on this identity is an ordinary seed. */
  seedWith(member: Member): void {
    if (member.seed && member.phase !== 'left') return;
    member.seed = true;
    if (member.phase === 'active') this.team.post(member, { type: 'seed', key: this.#plan.key });
    else this.team.join(member);
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

  retune(member: Member): void {
    const limits = this.#env.limitsOf(this.#plan.key, member.index);
    const { options } = this.#plan;
    const tuning = tuningOf(options, limits, this.#env.ways(), this.#slots.take(member, options.maxUploads));
    this.team.post(member, { type: 'tune', key: this.#plan.key, tuning });
  }

  #tellPriorities(): void {
    const { info, ledger } = this.#plan;
    const priorities = ledger.priorities ?? new Uint8Array(info.pieceCount).fill(NORMAL);
    this.team.broadcast({ type: 'priorities', key: this.#plan.key, priorities });
  }

  #shareSlots(): void {
    for (const member of this.#slots.changed(this.#plan.options.maxUploads)) this.retune(member);
  }

  /** Resolves when all have left. */
  async end(): Promise<void> {
    this.#attendance.end();
    await this.team.leaveAll();
    this.desk.close();
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
      member.pieces++;
      this.sources.add(piece(index), from);
      this.#log?.write(member.index, { event: 'piece', piece: piece(index), from, seconds });
    }
    this.#recheckCompletion();
    // A fixed range is the whole share of an identity, to which nothing is added: it need not ask for more.
    if (this.#attendance.isPlainFixed && member.phase === 'active' && this.#attendance.rangeDone(member))
      this.#attendance.shareDone(member);
  }

  #recheckCompletion(): void {
    if (!this.#attendance.completes()) return;
    this.team.callOff();
    this.#tell(this.#sharing.news());
    this.desk.tell();
    this.#listener.complete();
  }

  #peer(member: Member, change: Extract<FromIdentity, { readonly type: 'peer' }>): void {
    const { endpoint, connected } = change;
    const key = formatEndpoint(endpoint);
    if (connected) member.connected.set(key, endpoint);
    else member.connected.delete(key);
    this.dealer.connectionsChanged(connected ? undefined : key);
    this.#log?.heard(member.index, change);
  }

  /** Writes to the log that people read. */
  #tell(message: string | undefined): void {
    if (message === undefined) return;
    this.#env.emit({ type: 'log', key: this.#plan.key, level: 'info', message });
  }

  #logEnd(member: Member, reason: string): void {
    const { downloaded, uploaded } = member.totals;
    this.#log?.write(member.index, { event: 'end', pieces: member.pieces, downloaded, uploaded, reason });
  }
}
