import { expect as playwrights } from '@playwright/test';

/** Time limit for what should appear, long enough for a busy machine: only a failure takes that long. */
export const expect = playwrights.configure({ timeout: 20_000 });
