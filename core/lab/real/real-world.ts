import { spawn, spawnSync } from 'node:child_process';
import { EnsembleError } from '../../base/errors.ts';
import { outcomeIn } from '../answer.ts';
import { SEED_CHOKING } from '../model/choking.ts';
import type { Arm } from '../scenario/arms.ts';
import type { ClientName, Scenario } from '../scenario/scenario.ts';
import type { Outcome, World } from '../world.ts';
import { insideNamespaces } from './namespaces.ts';
import { MOST_OF_ROLE } from './plan.ts';
import type { Job } from './play.ts';
import { missingPrograms } from './programs.ts';

/** Seconds beside a run's own for its hosts and programs to start and end. */
const AROUND = 180;

export interface RealWorldOptions {
  /** The bundle that plays a run (`runPlayer`). */
  readonly player: string;
  /** The program and first arguments of the Ensemble that takes part. */
  readonly ensemble: readonly string[];
}

/**
 * The real world: every host a network namespace with shaped links, real programs on all of them. Each run has namespaces of its own, and
 * nothing of it outlives it, or this process, however that ends.
 */
export class RealWorld implements World {
  readonly name = 'real';
  readonly #options: RealWorldOptions;
  // Each look at the machine starts processes, and a sweep has many arms.
  #obstacle: { readonly why: string | undefined } | undefined;
  readonly #missing = new Map<string, readonly string[]>();

  constructor(options: RealWorldOptions) {
    this.#options = options;
  }

  refusals(scenario: Scenario): readonly string[] {
    this.#obstacle ??= { why: obstacle() };
    const { why } = this.#obstacle;
    if (why !== undefined) return [why];
    const { seeds, leechers, user } = scenario;
    const clients = new Set<ClientName>([...seeds, ...leechers, user].map(({ client }) => client));
    return [...wishesInVain(scenario), ...this.#missingOf(clients)];
  }

  run(scenario: Scenario, _arm: Arm, seed: number, signal: AbortSignal): Promise<Outcome> {
    const { player, ensemble } = this.#options;
    const job: Job = { scenario, seed, ensemble };
    return playInside(insideNamespaces([process.execPath, player]), job, signal);
  }

  #missingOf(clients: ReadonlySet<ClientName>): readonly string[] {
    const key = [...clients].toSorted().join();
    const known = this.#missing.get(key) ?? missingPrograms(clients);
    this.#missing.set(key, known);
    return known;
  }
}

/** What of a scenario is not to be had with real clients, on whatever machine, as sentences. */
export function wishesInVain({ seeds, leechers, user, latency }: Scenario): string[] {
  const out: string[] = [];
  for (const [name, groups] of Object.entries({ seeds, leechers })) {
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    if (count > MOST_OF_ROLE)
      out.push(`${name} are ${count}, but the real world has room for ${MOST_OF_ROLE}: use --world sim`);
    groups.forEach(({ client, severalPerAddress, choking }, i) => {
      if (client === 'libtorrent') return;
      if (severalPerAddress)
        out.push(`${name}.${i}.severalPerAddress is for libtorrent, but client is ${client}: leave it out`);
      if (choking !== SEED_CHOKING[0])
        out.push(`${name}.${i}.choking is for libtorrent, but client is ${client}: leave it out`);
    });
  }
  if (latency > 0) out.push('latency cannot be made here: use 0, or --world sim');
  if (user.K > 1 && (user.client === 'transmission' || user.client === 'aria2'))
    out.push(`user.client is ${user.client}, of which there can be one identity: set user.K to 1`);
  if (user.client !== 'ensemble' && user.strategy !== undefined)
    out.push('user.strategy is for Ensemble: stock clients take pieces as they do');
  if (user.client !== 'ensemble' && user.dealing !== undefined)
    out.push('user.dealing is for Ensemble: stock clients know nothing of each other');
  if (user.client === 'libtorrent' && user.moving)
    out.push('user.moving is for Ensemble: stock clients keep to their ranges');
  return out;
}

/** Why there is no real world here, as a sentence; undefined: there is. */
export function obstacle(platform: string = process.platform): string | undefined {
  if (platform !== 'linux')
    return `the real world needs Linux, for its network namespaces: use --world sim on ${platform}`;
  const [command = '', ...args] = insideNamespaces(['true']);
  const { error, status } = spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 });
  if (error === undefined && status === 0) return undefined;
  return 'the real world needs root or user namespaces, and util-linux: run it as root, or use --world sim';
}

/** Plays a run in a process of its own. Rejects with what went wrong there, or the signal's reason; then nothing of it is left. */
function playInside([command = '', ...args]: readonly string[], job: Job, signal: AbortSignal): Promise<Outcome> {
  return new Promise<unknown>((resolve, reject) => {
    // Of a session of its own: Ctrl-C at the terminal is for us, not for the programs of the run.
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      // Reading extra certificates would cost each Node process 40 ms, and other programs nothing.
      env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err = (err + text).slice(-4000)));
    child.stdin.on('error', () => {}); // it ended before it read all
    const kill = (): void => void child.kill('SIGKILL');
    const late = setTimeout(kill, (job.scenario.limit + AROUND) * 1000);
    signal.addEventListener('abort', kill, { once: true });
    child.on('error', (error) => reject(new EnsembleError('fault', `A run cannot be started: ${error.message}`)));
    child.on('close', (code, ended) => {
      clearTimeout(late);
      signal.removeEventListener('abort', kill);
      const last = out.slice(0, out.lastIndexOf('\n'));
      if (signal.aborted) reject(signal.reason as Error);
      else if (last === '')
        reject(
          new EnsembleError('fault', `A run ended with ${code ?? ended} and no result: ${err.slice(-500).trim()}`),
        );
      else resolve(answerIn(last));
    });
    child.stdin.write(`${JSON.stringify(job)}\n`);
    if (signal.aborted) kill();
  }).then(outcomeIn);
}

/** Undefined: it is no JSON. */
function answerIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
