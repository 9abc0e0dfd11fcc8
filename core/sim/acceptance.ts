/** Whether the long forms run (`npm run acceptance`), not the short seeded ones of `npm test`. */
// oxlint-disable-next-line no-restricted-globals -- read by tests alone
export const LONG: boolean = process.env['ENSEMBLE_ACCEPTANCE'] === '1';

/** The short or the long form of a number. */
export const times = (short: number, long: number): number => (LONG ? long : short);

/**
 * A figure that a test found, for the table at the end of `npm run acceptance`: a sentence or, with `value`, one of several that
 * are summed up under the same name.
 */
export function figure({ task }: { readonly task: { readonly meta: object } }, name: string, value?: number): void {
  Object.assign(task.meta, { figure: value === undefined ? { name } : { name, value } });
}
