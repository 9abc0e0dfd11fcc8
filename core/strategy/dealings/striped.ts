import type { Dealing } from './dealing.ts';
import { even } from './even.ts';

/** Pieces go to one identity after the other, as cards do; peers as usual. */
export const striped: Dealing = {
  ...even,
  home: (piece, { count }) => piece % count,
};
