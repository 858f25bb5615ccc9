/**
 * The dynamic table of HPACK (RFC 7541 sections 2.3.2 and 4): the newest fields that fit, in a
 * ring. A string has as many characters as bytes, it is latin-1.
 */

/** What each field counts beside the bytes of its name and value (RFC 7541 section 4.1). */
export const fieldOverhead = 32;

const slotsAtFirst = 8;

export class DynamicTable {
  /** A power of two long, as `#values`. The field inserted as number n is at n modulo that. */
  #names: string[] = [];
  #values: string[] = [];
  #mask = -1;
  /** Fields inserted ever, modulo 2^32. */
  #inserted = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Fields inserted ever, as an integer of 32 bits: the number that the next one gets. */
  get inserted(): number {
    return this.#inserted;
  }

  /** `age`: 1 for the newest field, `count` for the oldest. */
  name(age: number): string {
    return this.#names[(this.#inserted - age) & this.#mask] as string;
  }

  /** `age`: as of `name`. */
  value(age: number): string {
    return this.#values[(this.#inserted - age) & this.#mask] as string;
  }

  /** A size that is too small evicts the oldest fields. */
  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evict(maxBytes);
  }

  /**
   * `size`: bytes of name and value, and the overhead. A field larger than the table empties it
   * and is not inserted (RFC 7541 section 4.4); its strings are not looked at.
   */
  insert(name: string, value: string, size: number): void {
    this.#evict(this.#maxBytes - size);
    if (size > this.#maxBytes) return;
    if (this.#count > this.#mask) this.#grow();
    const slot = this.#inserted & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#inserted = (this.#inserted + 1) | 0;
    this.#count++;
    this.#bytes += size;
  }

  #evict(bytesLeft: number): void {
    while (this.#bytes > bytesLeft && this.#count > 0) {
      const slot = (this.#inserted - this.#count) & this.#mask;
      const names = this.#names;
      const values = this.#values;
      this.#bytes -= fieldOverhead + (names[slot] as string).length;
      this.#bytes -= (values[slot] as string).length;
      // Nothing keeps the strings of a field that is gone.
      names[slot] = '';
      values[slot] = '';
      this.#count--;
    }
  }

  #grow(): void {
    const length = this.#mask === -1 ? slotsAtFirst : this.#names.length * 2;
    const names = new Array<string>(length).fill('');
    const values = new Array<string>(length).fill('');
    for (let age = 1; age <= this.#count; age++) {
      const slot = (this.#inserted - age) & (length - 1);
      names[slot] = this.name(age);
      values[slot] = this.value(age);
    }
    this.#names = names;
    this.#values = values;
    this.#mask = length - 1;
  }
}
