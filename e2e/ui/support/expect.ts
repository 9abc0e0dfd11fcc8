import { expect as playwrights } from '@playwright/test';
import { PATIENCE } from './front.ts';

/** Waits as long as a busy machine may need. */
export const expect = playwrights.configure({ timeout: PATIENCE });
