// What was seen lately, within a bound: everything the exchange says may come twice, by socket and by
// request, and a run goes on for months.

/** A map that forgets its oldest entries. */
export class Recent<K, V> {
  readonly #most: number;
  readonly #entries = new Map<K, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** False, and nothing changes, if the key was there already. */
  add(key: K, value: V): boolean {
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, value);
    if (this.#entries.size > this.#most) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    return true;
  }
}
