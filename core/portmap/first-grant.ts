import type { Grant, MapOutcome, MappingAsk, MappingWay, MapPorts } from './mapping.ts';
import { NEVER, wait } from '../ports/wait.ts';

/** So long the first way is asked alone: a router that speaks it answers within milliseconds. */
const HEAD_START = 1_000;

interface Won {
  readonly way: MappingWay;
  readonly grant: Grant;
}

/**
 * The first of two ways by which a mapping is had; the other one is given up, and what it got is given back. `failed` hears the outcomes
 * where there is none, and already when only the first way is left: that one may go on for minutes.
 */
export async function firstGrant(
  { clock }: MapPorts,
  [first, second]: readonly [MappingWay, MappingWay],
  ask: MappingAsk,
  signal: AbortSignal,
  failed: (outcomes: readonly MapOutcome[]) => void,
): Promise<Won | undefined> {
  if (signal.aborted) return undefined;
  const over = new AbortController();
  const stop = (): void => over.abort();
  signal.addEventListener('abort', stop, { once: true });
  const outcomes: MapOutcome[] = [];
  let won: Won | undefined;
  const run = async (way: MappingWay): Promise<void> => {
    const outcome = await way.map(ask, over.signal);
    outcomes.push(outcome);
    if (outcome.kind !== 'granted') return;
    // Nobody wants it any more, or the other one was quicker.
    if (won !== undefined || signal.aborted) return way.release(outcome.grant, ask, NEVER);
    won = { way, grant: outcome.grant };
    over.abort();
  };
  const beside = new AbortController();
  const one = run(first).finally(() => beside.abort());
  await wait(clock, HEAD_START, beside.signal);
  // Aborted by whoever wins: what is still under way ends by itself, soon.
  if (!over.signal.aborted) {
    await run(second);
    if (won === undefined && outcomes.length === 1) failed(outcomes);
  }
  if (won === undefined) await one;
  if (won === undefined && !signal.aborted) failed(outcomes);
  signal.removeEventListener('abort', stop);
  return won;
}
