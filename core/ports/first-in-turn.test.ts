import { describe, expect, it } from 'vitest';
import { millis } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import { VirtualClock } from '../sim/clock.ts';
import { firstInTurn } from './first-in-turn.ts';

interface Plan {
  readonly after: number;
  readonly fails?: boolean;
}

/** Each attempt takes its time; the log tells when they began and which were stopped. */
function race(plans: readonly Plan[]) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const stop = new AbortController();
  const attempt = (plan: Plan, signal: StopSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      const i = plans.indexOf(plan);
      log.push(`${clock.now()} ${i}`);
      const timer = clock.after(millis(plan.after), () => (plan.fails ? reject(new Error(`no ${i}`)) : resolve(i)));
      signal.addEventListener('abort', () => {
        timer.cancel();
        log.push(`${clock.now()} ${i} stopped`);
      });
    });
  const outcome = firstInTurn(plans, attempt, { clock, headStart: millis(100), signal: stop.signal });
  return { clock, log, stop, outcome };
}

describe('firstInTurn', () => {
  it.each([
    ['the first one', [{ after: 50 }, { after: 1 }], 0, ['0 0', '50 0 stopped']],
    [
      'the second after its head start',
      [{ after: 500 }, { after: 50 }],
      1,
      ['0 0', '100 1', '150 0 stopped', '150 1 stopped'],
    ],
    ['the first after all', [{ after: 120 }, { after: 50 }], 0, ['0 0', '100 1', '120 0 stopped', '120 1 stopped']],
    [
      'the second at once where the first fails',
      [{ after: 10, fails: true }, { after: 5 }],
      1,
      ['0 0', '10 1', '15 0 stopped', '15 1 stopped'],
    ],
  ])('%s', async (_, plans, winner, log) => {
    const r = race(plans);
    expect(await r.clock.resolve(r.outcome)).toBe(winner);
    expect(r.log).toEqual(log);
    expect(r.clock.pending).toBe(0);
  });

  it('fails when all have failed, with the last error', async () => {
    const r = race([
      { after: 300, fails: true },
      { after: 10, fails: true },
    ]);
    await expect(r.clock.resolve(r.outcome)).rejects.toThrow('no 0');
    expect(r.clock.pending).toBe(0);
  });

  it('stops when told to', async () => {
    const r = race([{ after: 300 }, { after: 300 }]);
    const stopped = expect(r.outcome).rejects.toMatchObject({ code: 'interrupted' });
    await r.clock.advance(50);
    r.stop.abort();
    await stopped;
    await r.clock.advance(1000);
    expect(r.log).toEqual(['0 0', '50 0 stopped']);
  });
});
