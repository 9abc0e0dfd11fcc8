import type { FileSnapshot } from '../engine/engine.ts';
import { NORMAL } from '../engine/values.ts';
import type { Json } from './json.ts';

/** Priorities of Transmission: low, normal, high. */
export type FileLevel = -1 | 0 | 1;

/** What each of them is here, where 1 to 7 are priorities and 0 is not wanted. */
export const PRIORITY_OF: Readonly<Record<FileLevel, number>> = { [-1]: 1, 0: NORMAL, 1: 7 };

function levelOf(priority: number): FileLevel {
  if (priority === 0 || priority === NORMAL) return 0;
  return priority < NORMAL ? -1 : 1;
}

export const fileEntry = (file: FileSnapshot): Json => ({
  name: file.path,
  length: file.length,
  bytesCompleted: file.have,
  ...(file.pieces === undefined ? {} : { begin_piece: file.pieces.first, end_piece: file.pieces.last + 1 }),
});

export const fileStats = (file: FileSnapshot): Json => ({
  bytesCompleted: file.have,
  wanted: file.priority > 0,
  priority: levelOf(file.priority),
});

export const priorityEntry = (file: FileSnapshot): Json => levelOf(file.priority);
/** Documented as boolean, but every release except 4.0.0 and 4.0.1 sent numbers. */
export const wantedEntry = (file: FileSnapshot): Json => (file.priority > 0 ? 1 : 0);
