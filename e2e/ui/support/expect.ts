import { expect as playwrights } from '@playwright/test';

/** What should be seen is seen within this, on a busy machine too: only what fails takes so long. */
export const expect = playwrights.configure({ timeout: 20_000 });
