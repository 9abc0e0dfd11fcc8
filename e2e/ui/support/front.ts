import type { Page } from '@playwright/test';

/** Time limit for what should appear or become clickable, or a program that should start, in ms: long enough for a busy machine, as only a failure takes that long. */
export const PATIENCE = 40_000;

/** A way to the user interface: a window of Electron, or a page of Chromium over the served UI. */
export interface Front {
  readonly page: Page;
  /** Process ids of the running identities, by index. */
  identities(): Promise<Map<number, number>>;
  /** Ends the program as a user does. */
  quit(): Promise<void>;
}

export interface FrontOptions {
  /** The state folder, with catalog and settings: a program that is started with the same one goes on where the last one was. */
  readonly state: string;
  /** Arguments as a user or the system gives them: files, links. */
  readonly open?: readonly string[];
  /** Folder that a browser may save below. */
  readonly root: string;
}

export interface FrontKind {
  readonly name: string;
  /** Why this kind of window cannot be tested here; undefined: it can. */
  readonly missing: string | undefined;
  start(options: FrontOptions): Promise<Front>;
}
