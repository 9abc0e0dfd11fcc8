import { type Millis, millis } from '../../base/ids.ts';
import type { SourceStatus } from '../../engine/statuses.ts';
import { EVERY } from '../../strategy/peers/local-announces.ts';

/** A source of peers as it was told `age` ago, as it stands now: of downloads at rest there is news only every few minutes. */
export function agedSource(source: SourceStatus, age: Millis): SourceStatus {
  switch (source.kind) {
    case 'tracker':
      return { ...source, trackers: source.trackers.map((tracker) => sooner(tracker, age)) };
    case 'dht': {
      const { last } = source;
      return { ...sooner(source, age), ...(last !== undefined && { last: millis(last + age) }) };
    }
    case 'lsd': {
      const { next } = source;
      // What followed since was not told: one announce comes after the other.
      if (next !== undefined && next < age) return { ...source, next: millis(EVERY - ((age - next) % EVERY)) };
      return sooner(source, age);
    }
    default:
      return source;
  }
}

function sooner<T extends { readonly next?: Millis }>(one: T, age: Millis): T {
  return one.next === undefined ? one : { ...one, next: millis(Math.max(0, one.next - age)) };
}
