const NO_ENTRIES: ReadonlyMap<never, never> = new Map<never, never>();
const NO_VALUES: ReadonlySet<never> = new Set<never>();

/**
 * A map that takes memory only while something is in it: an empty `Map` has 200 bytes, and of thousands of downloads at rest each has dozens
 * that stay empty. One that was emptied while somebody goes through it does not show to him what comes then.
 */
export class LateMap<K, V> {
  #map: Map<K, V> | undefined;

  get size(): number {
    return this.#map?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.#map?.get(key);
  }

  has(key: K): boolean {
    return this.#map?.has(key) === true;
  }

  set(key: K, value: V): void {
    (this.#map ??= new Map<K, V>()).set(key, value);
  }

  delete(key: K): boolean {
    const deleted = this.#map?.delete(key) === true;
    if (this.#map?.size === 0) this.#map = undefined;
    return deleted;
  }

  clear(): void {
    this.#map = undefined;
  }

  keys(): MapIterator<K> {
    return this.#entries.keys();
  }

  values(): MapIterator<V> {
    return this.#entries.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }

  get #entries(): ReadonlyMap<K, V> {
    return this.#map ?? NO_ENTRIES;
  }
}

/** A set that takes memory only while something is in it, as `LateMap`. */
export class LateSet<T> {
  #set: Set<T> | undefined;

  get size(): number {
    return this.#set?.size ?? 0;
  }

  has(value: T): boolean {
    return this.#set?.has(value) === true;
  }

  add(value: T): void {
    (this.#set ??= new Set<T>()).add(value);
  }

  delete(value: T): boolean {
    const deleted = this.#set?.delete(value) === true;
    if (this.#set?.size === 0) this.#set = undefined;
    return deleted;
  }

  clear(): void {
    this.#set = undefined;
  }

  keys(): SetIterator<T> {
    return (this.#set ?? NO_VALUES).keys();
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.keys();
  }
}
