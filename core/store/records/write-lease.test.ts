import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { WriteLease } from './write-lease.ts';

function start(until: number | undefined): { lease: WriteLease; pass(span: number): void; outcome(): Promise<string> } {
  let now = 1000;
  const clock = { wall: () => millis(now) };
  const lease = new WriteLease(clock, until === undefined ? undefined : millis(until));
  return {
    lease,
    pass: (span) => (now += span),
    outcome: async () => {
      const waiting = lease.wait()?.then(
        () => 'through',
        (error: unknown) => (error as { code: string }).code,
      );
      return Promise.race([waiting ?? 'through', new Promise<string>((resolve) => setImmediate(resolve, 'waits'))]);
    },
  };
}

test('nothing waits while it holds, nor where there is none', async () => {
  const { lease, pass, outcome } = start(2000);
  expect(lease.wait()).toBeUndefined();
  pass(1000);
  expect(await outcome()).toBe('waits');
  const without = start(undefined);
  without.pass(1e9);
  expect(without.lease.wait()).toBeUndefined();
});

test('who waits goes on when it is renewed, also for the second time', async () => {
  const { lease, pass } = start(2000);
  pass(5000);
  const waiting = lease.wait();
  let through = false;
  const told = waiting?.then(() => (through = true));
  lease.renew(millis(3000));
  await Promise.resolve();
  expect(through).toBe(false);
  lease.renew(millis(9000));
  await told;
  expect(through).toBe(true);
  lease.renew(undefined);
  pass(1e9);
  expect(lease.wait()).toBeUndefined();
});

test('who waits is turned away when it is lost, and everybody afterwards', async () => {
  const { lease, pass, outcome } = start(2000);
  pass(5000);
  const waiting = lease.wait();
  lease.lose();
  await expect(waiting).rejects.toMatchObject({ code: 'in-use' });
  lease.renew(millis(99_000));
  expect(await outcome()).toBe('in-use');
});
