import fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import { VirtualClock } from '../sim/clock.ts';
import { agendaOf } from './agenda.ts';

test('whatever is set and cancelled, each task runs once at its time, and one timer is set', async () => {
  const step = fc.record({
    delay: fc.integer({ min: 0, max: 5000 }),
    cancels: fc.option(fc.nat(20), { nil: undefined }),
    pass: fc.constantFrom(0, 0, 10, 700),
    again: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = new VirtualClock();
      const tasks: { readonly due: number; readonly timer: Timer; cancelled: boolean; ran: number[] }[] = [];
      const set = (delay: number, again: boolean): void => {
        const ran: number[] = [];
        const run = (): void => {
          ran.push(clock.now());
          if (again) set(100, false);
        };
        const timer = agendaOf(clock).after(millis(delay), run);
        tasks.push({ due: clock.now() + delay, timer, cancelled: false, ran });
      };
      for (const { delay, cancels, pass, again } of steps) {
        set(delay, again);
        const other = cancels === undefined ? undefined : tasks[cancels];
        if (other?.ran.length === 0) {
          other.cancelled = true;
          other.timer.cancel();
        }
        expect(clock.pending).toBeLessThanOrEqual(1);
        await clock.advance(pass);
      }
      await clock.advance(6000);
      for (const { due, cancelled, ran } of tasks) {
        expect(ran).toHaveLength(cancelled ? 0 : 1);
        for (const at of ran) {
          expect(at).toBeGreaterThanOrEqual(due);
          expect(at - due).toBeLessThanOrEqual(250);
        }
      }
      expect(clock.pending).toBe(0);
    }),
  );
});

test('thousands of torrents wake the process a few times a second', async () => {
  const clock = new VirtualClock();
  const wakes = new Set<number>();
  for (let i = 0; i < 5000; i++) agendaOf(clock).after(millis(2 * i), () => wakes.add(clock.now()));
  expect(clock.pending).toBe(1);
  await clock.advance(10_000);
  expect(wakes.size).toBe(41);
});

test('a task that another one cancels in the same moment does not run', async () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const agenda = agendaOf(clock);
  const timers: Timer[] = [];
  timers.push(
    agenda.after(millis(10), () => {
      ran.push('first');
      timers[1]?.cancel();
      agenda.after(millis(0), () => ran.push('later'));
    }),
  );
  timers.push(agenda.after(millis(10), () => ran.push('second')));
  await clock.advance(1000);
  expect([ran, clock.pending]).toEqual([['first', 'later'], 0]);
});
