/**
 * Field names that nobody knows beforehand (`x-tenant`), as they come again and again: one shared
 * lower-case string for each. Cutting such a name out of a head, lowering it, and looking it up in
 * Maps, which first look for a new string in V8's table of all strings, costs 0.3 µs a line.
 */

import { slotCount, slotOf, spells } from './known-fields.ts';

interface MetField {
  readonly name: string;
  readonly bytes: readonly number[];
}

/** What clients can make this keep is `slotCount` names of this length. */
const nameBytesMax = 64;
/**
 * So many names whose slots are taken pass, of all slots together, before one takes its own: a
 * flood of new ones mostly leaves the usual.
 */
const patience = 8;

class MetFields {
  readonly #slots = new Array<MetField | null>(slotCount).fill(null);
  #passed = 0;

  /** The token `bytes[start, end)` (not empty), which is no known field, in lower case. */
  meet(bytes: Buffer, start: number, end: number): string {
    const slot = slotOf(bytes, start, end);
    const met = this.#slots[slot] as MetField | null;
    if (met !== null && spells(bytes, start, end, met.bytes)) return met.name;
    const name = bytes.toString('latin1', start, end).toLowerCase();
    if (met === null || ++this.#passed >= patience) this.#keep(slot, name);
    return name;
  }

  #keep(slot: number, name: string): void {
    const field = fieldOf(name);
    if (field === null) return;
    this.#slots[slot] = field;
    this.#passed = 0;
  }
}

/** null for what `spells` cannot tell from other names, and for what is too long. */
function fieldOf(name: string): MetField | null {
  if (name.length > nameBytesMax || !/^[a-z0-9.-]+$/.test(name)) return null;
  return { name, bytes: [...Buffer.from(name, 'latin1')] };
}

/** Of all connections: what one client sends, others send too. */
export const metFields = new MetFields();
