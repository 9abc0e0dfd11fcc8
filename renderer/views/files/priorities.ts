import type { FileState, FileView } from '../../../core/bridge/views.ts';
import type { TreeNode } from './tree.ts';

/** The four that people choose from, of the eight that there are. */
export const PRIORITIES = { skip: 0, low: 1, normal: 4, high: 7 } as const;
export type Priority = keyof typeof PRIORITIES;
export const PRIORITY_NAMES = Object.keys(PRIORITIES) as readonly Priority[];

/** How a file or all files of a folder are. */
export interface NodeState {
  readonly have: number;
  /** `mixed`: some have another one than others. */
  readonly priority: Priority | 'mixed';
  /** Pieces that hold them, the last one included; undefined: there are none, or those of other files are among them. */
  readonly pieces: { readonly first: number; readonly last: number } | undefined;
}

export function nodeState({ files: within }: TreeNode, files: readonly FileView[], state: FileState): NodeState {
  let have = 0;
  let priority: Priority | 'mixed' | undefined;
  for (const at of within) {
    have += state.have[at] ?? 0;
    const own = nearest(state.priority[at] ?? PRIORITIES.normal);
    priority = priority === undefined || priority === own ? own : 'mixed';
  }
  return { have, priority: priority ?? 'normal', pieces: piecesOf(within, files) };
}

function piecesOf(within: readonly number[], files: readonly FileView[]): NodeState['pieces'] {
  const from = within[0] ?? 0;
  const to = within.at(-1) ?? -1;
  if (to - from + 1 !== within.length) return undefined;
  let first = -1;
  let last = -1;
  // Empty files at either end have none.
  for (let at = from; at <= to && first < 0; at++) first = files[at]?.firstPiece ?? -1;
  for (let at = to; at >= from && last < 0; at--) last = files[at]?.lastPiece ?? -1;
  return first < 0 ? undefined : { first, last };
}

/** The name for one of eight priorities. */
function nearest(priority: number): Priority {
  if (priority === 0) return 'skip';
  if (priority < PRIORITIES.normal) return 'low';
  return priority > PRIORITIES.normal ? 'high' : 'normal';
}
