/**
 * The dynamic table of an encoder: where a field, or a name, stands in it is found by a hash.
 * Entries of one hash are chained from the newest to the oldest by the number of their insertion.
 */

import { ownText } from '../base/own-text.ts';
import { DynamicTable, fieldOverhead } from './hpack-dynamic-table.ts';
import { staticCount } from './hpack-static-table.ts';

/** As in Envoy. A larger table would cost memory on each connection, and save few bytes. */
export const tableBytesMax = 4096;

/** As many fields as fit, a power of two. */
const slotMask = tableBytesMax / fieldOverhead - 1;

/** A usual table has fewer than forty fields. */
const hashMask = 63;

export class EncoderTable {
  readonly #table = new DynamicTable(tableBytesMax);
  // Typed arrays would take ten times as long to make, for every connection.
  /** By hash: the number of the newest field. */
  readonly #fields = new Array<number>(hashMask + 1).fill(0);
  readonly #names = new Array<number>(hashMask + 1).fill(0);
  /** By number: the number of the field before it with the same hash. They grow with the table. */
  readonly #fieldBefore: number[] = [];
  readonly #nameBefore: number[] = [];

  get maxBytes(): number {
    return this.#table.maxBytes;
  }

  setMaxBytes(maxBytes: number): void {
    this.#table.setMaxBytes(maxBytes);
  }

  /** The index of the field, 0 where the table does not have it. */
  findField(name: string, value: string): number {
    const table = this.#table;
    const inserted = table.inserted;
    let younger = 0;
    let age = (inserted - (this.#fields[hashField(name, value)] as number)) | 0;
    // Numbers of fields that are gone end a chain, whatever they say: what is found is compared.
    while (age > younger && age <= table.count) {
      if (table.value(age) === value && table.name(age) === name) return staticCount + age;
      younger = age;
      age = (inserted - (this.#fieldBefore[(inserted - age) & slotMask] as number)) | 0;
    }
    return 0;
  }

  /** The index of a field with the name, 0 where the table has none. */
  findName(name: string): number {
    const table = this.#table;
    const inserted = table.inserted;
    let younger = 0;
    let age = (inserted - (this.#names[hashName(name)] as number)) | 0;
    while (age > younger && age <= table.count) {
      if (table.name(age) === name) return staticCount + age;
      younger = age;
      age = (inserted - (this.#nameBefore[(inserted - age) & slotMask] as number)) | 0;
    }
    return 0;
  }

  insert(name: string, value: string): void {
    const number = this.#table.inserted;
    // Fields of a request stay for as long as the connection may.
    const size = name.length + value.length + fieldOverhead;
    this.#table.insert(ownText(name), ownText(value), size);
    const slot = number & slotMask;
    const field = hashField(name, value);
    this.#fieldBefore[slot] = this.#fields[field] as number;
    this.#fields[field] = number;
    const named = hashName(name);
    this.#nameBefore[slot] = this.#names[named] as number;
    this.#names[named] = number;
  }
}

/** Ends and middle tell names apart well enough; reading every character would cost more. */
function hashName(name: string): number {
  const length = name.length;
  if (length === 0) return 0;
  const ends = name.charCodeAt(0) * 7 + name.charCodeAt(length - 1) * 13;
  return (length * 15 + ends + name.charCodeAt(length >> 1) * 37) & hashMask;
}

/** Identifiers and times differ near their ends or in their middle. */
function hashField(name: string, value: string): number {
  const length = value.length;
  let hash = length * 5 + name.length * 11 + name.charCodeAt(name.length >> 1);
  if (length > 0) {
    hash += value.charCodeAt(0) * 7 + value.charCodeAt(length - 1) * 13;
    hash += value.charCodeAt(length >> 1) * 37 + value.charCodeAt(length >> 2) * 29;
  }
  return hash & hashMask;
}
