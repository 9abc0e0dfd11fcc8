import type { Millis } from '../base/ids.ts';

/** What one identity knows of one tracker. */
export interface TrackerStatus {
  readonly url: string;
  readonly tier: number;
  readonly state: 'idle' | 'announcing' | 'working' | 'failed';
  readonly message?: string;
  readonly seeds?: number;
  readonly leechers?: number;
  /** Until the next announce. */
  readonly next?: Millis;
}
