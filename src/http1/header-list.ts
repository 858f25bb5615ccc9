/**
 * An ordered header block. Names are lower case. One flat array of alternating names and values,
 * because a block is read in order far more often than it is searched, and it is short.
 */

import { truncate } from '../base/truncate.ts';

export class HeaderList {
  /** `[name, value, name, value, …]`; hot loops read it directly. */
  readonly flat: string[];

  /** `flat`: lines to begin with; the list takes the array over. */
  constructor(flat: string[] = []) {
    this.flat = flat;
  }

  /** Number of lines. */
  get size(): number {
    return this.flat.length >> 1;
  }

  append(name: string, value: string): void {
    this.flat.push(name, value);
  }

  /** The value of the first line of that name. */
  get(name: string): string | undefined {
    const flat = this.flat;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === name) return flat[i + 1];
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  getAll(name: string): string[] {
    const values: string[] = [];
    const flat = this.flat;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === name) values.push(flat[i + 1] as string);
    }
    return values;
  }

  /** Removes every line of that name. */
  remove(name: string): void {
    const flat = this.flat;
    let kept = 0;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === name) continue;
      if (kept !== i) {
        flat[kept] = flat[i] as string;
        flat[kept + 1] = flat[i + 1] as string;
      }
      kept += 2;
    }
    truncate(flat, kept);
  }

  /** Removes every line of that name and appends one at the end, as Envoy's overwrite does. */
  replace(name: string, value: string): void {
    this.remove(name);
    this.append(name, value);
  }

  /** Changes the first line of that name in place and drops further ones; appends if there is none. */
  set(name: string, value: string): void {
    const flat = this.flat;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== name) continue;
      flat[i + 1] = value;
      this.#removeAfter(name, i + 2);
      return;
    }
    flat.push(name, value);
  }

  clone(): HeaderList {
    const copy = new HeaderList();
    for (const text of this.flat) copy.flat.push(text);
    return copy;
  }

  #removeAfter(name: string, from: number): void {
    const flat = this.flat;
    for (let i = from; i < flat.length; i += 2) {
      if (flat[i] !== name) continue;
      flat.splice(i, 2);
      i -= 2;
    }
  }
}
