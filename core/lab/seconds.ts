import type { Brand } from '../base/ids.ts';

/** A span or a point of time of an experiment, in seconds from its begin. */
export type Seconds = Brand<number, 'Seconds'>;

/** Gives a plain number this meaning. To the millisecond, so that results do not differ in digits that mean nothing. */
export const seconds = (n: number): Seconds => (Math.round(n * 1000) / 1000) as Seconds;
