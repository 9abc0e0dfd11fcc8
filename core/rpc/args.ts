import type { Json } from './json.ts';

/** What a client sent along with a method. As in Transmission a value of another kind than is asked for counts as not there. */
export class Args {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: unknown) {
    this.#values = isObject(values) ? values : {};
  }

  /** As it came; undefined: not there. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** A finite number. */
  real(name: string): number | undefined {
    const value = this.raw(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  whole(name: string): number | undefined {
    const value = this.real(name);
    return value === undefined ? undefined : Math.trunc(value);
  }

  /** transmission-qt sends 0 and 1 where the others send false and true. */
  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (typeof value === 'boolean') return value;
    return value === 0 || value === 1 ? value === 1 : undefined;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.raw(name);
    return Array.isArray(value) ? value : undefined;
  }

  /** The whole numbers of a list. */
  wholes(name: string): readonly number[] | undefined {
    return this.list(name)?.filter((one): one is number => Number.isSafeInteger(one));
  }

  texts(name: string): readonly string[] | undefined {
    return this.list(name)?.filter((one): one is string => typeof one === 'string');
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The arguments of an answer. */
export type Answer = { readonly [name: string]: Json };
