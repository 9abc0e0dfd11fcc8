import type { Reachability } from '../../engine/statuses.ts';
import { counted } from '../../base/counted.ts';
import { formatEndpoint } from '../../base/endpoint.ts';
import type { DownloadSnapshot, IdentitySnapshot, IdentityState, TrackerSnapshot } from '../../engine/engine.ts';
import { waitText } from '../../engine/link-rules.ts';
import type { LogLevel } from '../../engine/settings.ts';

/** What the log says when a download enters a state. */
const STATES: Readonly<Record<DownloadSnapshot['state'], string>> = {
  metadata: 'Looks for peers that have the metadata.',
  checking: 'Checks what is on disk.',
  downloading: 'Downloads.',
  paused: 'Paused.',
  queued: 'Waits for its turn.',
  complete: 'Every wanted piece is there.',
  assembling: 'Puts the files together.',
  done: 'Done.',
  seeding: 'Seeds.',
  moving: 'Moves its files to another folder.',
  failed: 'Stopped by an error.',
  'missing-files': 'Waits: files are missing.',
};

/** How many looks there are between two lines about peers while their number changes little. */
const PEERS_EVERY = 10;
/** How many lines are written about progress: one after each tenth. */
const STEPS = 10;

export interface Told {
  readonly level: LogLevel;
  readonly message: string;
}

/**
 * The story of one download for its log, told by what changed from one look to the next: a line for what happened, sums
 * where many identities or peers did the same, nothing for a single piece.
 */
export class Chronicle {
  #told: Told[] = [];
  #before: DownloadSnapshot | undefined;
  /** The last snapshot whose state was looked at. */
  #seen: DownloadSnapshot | undefined;
  /** For each tracker, the identities that it answers. */
  readonly #answered = new Map<string, Set<number>>();
  #peers = 0;
  #quiet = 0;
  #steps = 0;

  /** What happened since the last look. To be called once a second. */
  look(now: DownloadSnapshot, trackers: readonly TrackerSnapshot[]): readonly Told[] {
    this.#told = [];
    const before = this.#before;
    this.#before = now;
    this.#state(now);
    for (const identity of now.identities) this.#identity(before?.identities[identity.index], identity);
    this.#trackers(trackers, now.identities.length);
    this.#connected(now);
    this.#progress(before, now);
    return this.#told;
  }

  /** For states that come and go between two looks. To be called whenever a state changes. */
  lookAtState(now: DownloadSnapshot): readonly Told[] {
    this.#told = [];
    this.#state(now);
    return this.#told;
  }

  #say(level: LogLevel, message: string): void {
    this.#told.push({ level, message });
  }

  #state(now: DownloadSnapshot): void {
    const before = this.#seen;
    this.#seen = now;
    if (before !== undefined && before.pieces.total === 0 && now.pieces.total > 0) {
      this.#say('info', `The metadata is there: ${now.name}, ${counted(now.pieces.total, 'piece')}.`);
    }
    if (now.result !== undefined && before !== undefined && before.result === undefined) {
      const files = `${now.result.slice(0, 3).join(', ')}${more(now.result.length - 3)}`;
      this.#say('info', `Every piece is verified and in its place: ${files}.`);
    }
    if (before?.state !== now.state) this.#say('info', STATES[now.state]);
  }

  #identity(before: IdentitySnapshot | undefined, now: IdentitySnapshot): void {
    const name = `Identity ${now.index + 1}`;
    if (before !== undefined && now.restarts > before.restarts) {
      this.#say('warn', `The process of identity ${now.index + 1} ended and is started again.`);
    }
    if (now.port !== undefined && now.port !== 0 && (before?.port !== now.port || before.address !== now.address)) {
      const { address, port } = now;
      const where = address === undefined ? `port ${port} of any address` : formatEndpoint({ host: address, port });
      this.#say('info', `${name} listens on ${where}.`);
    }
    if (before !== undefined && before.state !== now.state) this.#phase(name, before.state, now);
    if (before !== undefined) this.#reachability(name, before.reachability, now.reachability);
  }

  #reachability(name: string, before: Reachability, now: Reachability): void {
    if (before.kind !== 'reached' && now.kind === 'reached')
      this.#say('info', `${name} was reached by a peer from outside.`);
    const [was, is] = [before, now].map((one) => (one.kind === 'reached' ? one.mapping : one));
    if (is === undefined || was === undefined) return;
    if (is.kind === 'unmapped' && (was.kind !== 'unmapped' || was.message !== is.message))
      this.#say('warn', `${name}: ${is.message}.`);
    if (is.kind !== 'mapped' || (was.kind === 'mapped' && was.port === is.port && was.host === is.host)) return;
    const where = is.host === undefined ? `port ${is.port}` : formatEndpoint({ host: is.host, port: is.port });
    this.#say('info', `${name} is reached at ${where} (${is.by}).`);
    if (is.note !== undefined) this.#say('warn', `${name}: ${is.note}.`);
  }

  #phase(name: string, before: IdentityState, now: IdentitySnapshot): void {
    const part = `${counted(now.pieces, 'piece')} fetched`;
    switch (now.state) {
      case 'downloading':
        if (before === 'no-address') this.#say('info', `${name} has its ${wayOf(now)} again and goes on.`);
        else if (before === 'restarting' || before === 'given-up' || before === 'silent')
          this.#say('info', `${name} is back and goes on.`);
        return;
      case 'sharing':
        this.#say('info', `${name} has done its share and stays to upload: ${part}.`);
        return;
      case 'left':
        this.#say('info', `${name} left the swarm: ${part}.`);
        return;
      case 'no-address':
        this.#say('warn', `${name} ${waitsFor(now)}.`);
        return;
      case 'silent':
        this.#say('warn', `Nothing is heard of the machine of ${name}: the others finish its share.`);
        return;
      case 'given-up':
        this.#say('warn', `${name} ended again and again and was given up: the others finish its share.`);
        return;
      default:
        return;
    }
  }

  /** Only of trackers that answer: the engine itself reports failures. */
  #trackers(trackers: readonly TrackerSnapshot[], identities: number): void {
    const news = new Map<string, TrackerSnapshot[]>();
    for (const tracker of trackers) {
      if (tracker.state !== 'working') continue;
      const answered = this.#answered.get(tracker.url) ?? new Set();
      this.#answered.set(tracker.url, answered);
      if (answered.has(tracker.identity)) continue;
      answered.add(tracker.identity);
      news.set(tracker.url, [...(news.get(tracker.url) ?? []), tracker]);
    }
    for (const [url, answers] of news) {
      const whom = identities === 1 ? '' : ` ${namesOf(answers.map(({ identity }) => identity))}`;
      const seeds = most(answers.map((one) => one.seeds));
      const leechers = most(answers.map((one) => one.leechers));
      const swarm = seeds === undefined ? '' : `: ${counted(seeds, 'seed')}, ${counted(leechers ?? 0, 'peer')}`;
      this.#say('info', `${hostOf(url)} answers${whom}${swarm}.`);
    }
  }

  #connected(now: DownloadSnapshot): void {
    this.#quiet++;
    const change = Math.abs(now.peers - this.#peers);
    if (change === 0 || (this.#quiet < PEERS_EVERY && this.#peers > 0) || (change * 10 < this.#peers && now.peers > 0))
      return;
    const seeds = now.identities.reduce((sum, one) => sum + one.seeds, 0);
    const full = seeds === 0 ? '' : `, ${seeds === now.peers ? 'all' : seeds} of them with everything`;
    const was = this.#peers === 0 ? '' : `, ${this.#peers} before`;
    this.#say(
      'info',
      now.peers === 0 ? 'No peer is connected any more.' : `${counted(now.peers, 'peer')} connected${full}${was}.`,
    );
    this.#peers = now.peers;
    this.#quiet = 0;
  }

  #progress(before: DownloadSnapshot | undefined, now: DownloadSnapshot): void {
    if (before !== undefined && now.hashFailures > before.hashFailures) {
      const n = now.hashFailures - before.hashFailures;
      this.#say('warn', `${counted(n, 'piece')} failed the hash and ${n === 1 ? 'is' : 'are'} fetched again.`);
    }
    const steps = stepsOf(now);
    if (before !== undefined && steps > this.#steps && now.state === 'downloading') {
      const { toGo, wanted } = now.pieces;
      this.#say('info', `${steps * (100 / STEPS)}% is there: ${wanted - toGo} of ${counted(wanted, 'piece')}.`);
    }
    this.#steps = steps;
  }
}

function stepsOf({ pieces }: DownloadSnapshot): number {
  return pieces.wanted === 0 ? 0 : Math.floor((STEPS * (pieces.wanted - pieces.toGo)) / pieces.wanted);
}

/** The tracker's name alone: the rest of its URL may be somebody's passkey. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'A tracker';
}

function more(n: number): string {
  return n > 0 ? ` and ${n} more` : '';
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** What an identity leaves by. */
function wayOf({ link, proxy }: IdentitySnapshot): string {
  if (link !== undefined) return `link ${link}`;
  return proxy === undefined ? 'address' : 'proxy';
}

/** What one waits for that can leave by nothing now. */
function waitsFor({ waits, link, proxy }: IdentitySnapshot): string {
  if (waits !== undefined && link !== undefined) return `waits for its link ${link}: ${waitText(waits)}`;
  if (proxy === undefined) return 'waits: its address is gone from this computer';
  return `waits for its proxy ${proxy}; nothing goes beside it`;
}

/** `identity 2`, `identities 1 to 4 and 7`. */
function namesOf(identities: readonly number[]): string {
  const numbers = identities.map((index) => index + 1).sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const n of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else runs.push([n, n]);
  }
  const texts = runs.flatMap(([from, to]) =>
    to - from > 1 ? [`${from} to ${to}`] : from === to ? [`${from}`] : [`${from}`, `${to}`],
  );
  const head = texts.slice(0, -1).join(', ');
  return `${numbers.length === 1 ? 'identity' : 'identities'} ${head === '' ? '' : `${head} and `}${texts.at(-1) ?? ''}`;
}
