/** What an answer is made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A point in time as Transmission writes it: whole seconds since 1970; 0: never. */
export function seconds(at: number | undefined): number {
  return at === undefined ? 0 : Math.max(0, Math.floor(at / 1000));
}

/** Transmission's unit of speed, in bytes a second: its limits are numbers of these. */
export const SPEED_UNIT = 1000;
