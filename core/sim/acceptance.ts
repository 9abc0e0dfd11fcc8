/** Whether the long forms run (`npm run acceptance`), not the short seeded ones of `npm test`. */
// oxlint-disable-next-line no-restricted-globals -- read by tests alone
export const LONG: boolean = process.env['ENSEMBLE_ACCEPTANCE'] === '1';

/** The short or the long form of a number. */
export const times = (short: number, long: number): number => (LONG ? long : short);
