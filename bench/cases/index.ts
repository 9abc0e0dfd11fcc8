import type { Case } from '../lib/bench.ts';
import { download } from './download.ts';

/** All benchmarks, in the order of the tables. */
export const cases: readonly Case[] = [download];
