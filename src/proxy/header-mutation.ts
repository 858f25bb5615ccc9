/** Header operations of routes, made ready when the snapshot is built and applied to a block. */

import { isFieldName, isFieldValue } from '../http1/field-syntax.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { HeaderMutation, HeaderValue } from '../model/header-mutation.ts';
import { type CompiledFormat, compileFormat } from '../telemetry/format.ts';
import type { StreamInfo } from '../telemetry/stream-info.ts';
import { wireFromUnicode } from '../telemetry/wire-text.ts';

/** Fields that say where a message ends or whose connection it is: never a route's to change. */
const framingFields: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

function isFree(name: string): boolean {
  return isFieldName(name) && !framingFields.has(name);
}

interface CompiledValue {
  readonly name: string;
  /** The value where it is the same for every request; null where it is formatted. */
  readonly constant: string | null;
  readonly format: CompiledFormat | null;
}

export class CompiledHeaderMutation {
  readonly #remove: readonly string[];
  readonly #set: readonly CompiledValue[];
  readonly #add: readonly CompiledValue[];

  constructor(mutation: HeaderMutation) {
    this.#remove = mutation.remove.filter(isFree);
    this.#set = mutation.set.filter(({ name }) => isFree(name)).map(compileValue);
    this.#add = mutation.add.filter(({ name }) => isFree(name)).map(compileValue);
  }

  /** Some operation is about the field `name`. */
  changes(name: string): boolean {
    const isNamed = (entry: CompiledValue): boolean => entry.name === name;
    return this.#remove.includes(name) || this.#set.some(isNamed) || this.#add.some(isNamed);
  }

  /** Removals first, so that a header both removed and set is there in the end. */
  apply(headers: HeaderList, info: StreamInfo): void {
    for (const name of this.#remove) headers.remove(name);
    for (const entry of this.#set) {
      const value = renderValue(entry, info);
      if (value !== '') headers.replace(entry.name, value);
    }
    for (const entry of this.#add) {
      const value = renderValue(entry, info);
      if (value !== '') headers.append(entry.name, value);
    }
  }
}

export function compileHeaderMutation(
  mutation: HeaderMutation | null,
): CompiledHeaderMutation | null {
  if (mutation === null) return null;
  const empty = mutation.set.length + mutation.add.length + mutation.remove.length === 0;
  return empty ? null : new CompiledHeaderMutation(mutation);
}

function compileValue(header: HeaderValue): CompiledValue {
  const format = compileFormat(header.value);
  // Validation refuses bad formats; what slips through is taken as it is written.
  if (!format.ok) {
    const text = wireFromUnicode(header.value);
    return { name: header.name, constant: isFieldValue(text) ? text : '', format: null };
  }
  const { constant } = format.value;
  // Validation refuses such values; the head writer relies on there being none.
  if (constant !== null && !isFieldValue(constant)) {
    return { name: header.name, constant: '', format: null };
  }
  return { name: header.name, constant, format: constant === null ? format.value : null };
}

/** An empty value changes nothing (Envoy keep_empty_value false). */
function renderValue(entry: CompiledValue, info: StreamInfo): string {
  if (entry.constant !== null) return entry.constant;
  return entry.format === null ? '' : entry.format.format(info);
}
