/** Header operations of routes, made ready when the snapshot is built and applied to a block. */

import { assert } from '../../base/assert.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import { isFieldName, isFieldValue } from '../../http1/field-syntax.ts';
import { framingFields } from '../../http1/framing-fields.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { HeaderMutation, HeaderValue } from '../../model/header-mutation.ts';
import { type CompiledFormat, compileFormat } from '../../telemetry/format/format.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import { joinValues } from '../headers/field-lines.ts';
import { hasSingleValue } from '../headers/request-fields.ts';
import { joinsInResponses } from '../headers/response-fields.ts';
import { retryFields } from '../retry/request-retry-policy.ts';

function isFree({ name }: { readonly name: string }): boolean {
  assert(isFieldName(name), 'a header rule names a field');
  return !framingFields.has(name);
}

interface CompiledValue {
  readonly name: string;
  /** The value where it is the same for every request; null where it is formatted. */
  readonly constant: string | null;
  readonly format: CompiledFormat | null;
  /** Envoy keeps one line of the field, so that what is added to it joins the line. */
  readonly joins: boolean;
}

/** Whose block it changes: Envoy knows other fields by one value in requests than in responses. */
export type HeaderDirection = 'request' | 'response';

export class CompiledHeaderMutation {
  readonly #remove: readonly string[];
  readonly #set: readonly CompiledValue[];
  readonly #add: readonly CompiledValue[];
  /** Where values wait until all are known, those of `#set` first. */
  readonly #values: string[];

  /** It sets fields by which the proxy itself tries the request again. */
  readonly steersRetries: boolean;

  constructor(mutation: HeaderMutation, direction: HeaderDirection) {
    const compile = (value: HeaderValue): CompiledValue => compileValue(value, direction);
    this.#remove = mutation.remove.filter((name) => isFree({ name }));
    this.#set = mutation.set.filter(isFree).map(compile);
    this.#add = mutation.add.filter(isFree).map(compile);
    const values = [...this.#set, ...this.#add];
    this.#values = values.map(() => '');
    this.steersRetries = values.some(({ name }) => retryFields.has(name));
  }

  /** Some operation is about the field `name`. */
  changes(name: string): boolean {
    const isNamed = (entry: CompiledValue): boolean => entry.name === name;
    return this.#remove.includes(name) || this.#set.some(isNamed) || this.#add.some(isNamed);
  }

  /**
   * Removals first, so that a header both removed and set is there in the end. Values see what is
   * left then, and nothing that is set beside them.
   */
  apply(headers: HeaderList, info: StreamInfo): void {
    for (const name of this.#remove) headers.remove(name);
    this.#render(info);
    const set = this.#set;
    for (let i = 0; i < set.length; i++) {
      const value = this.#values[i] as string;
      if (value !== '') headers.replace((set[i] as CompiledValue).name, value);
    }
    const add = this.#add;
    for (let i = 0; i < add.length; i++) {
      const value = this.#values[set.length + i] as string;
      if (value !== '') addValue(headers, add[i] as CompiledValue, value);
    }
  }

  #render(info: StreamInfo): void {
    let at = 0;
    for (const entry of this.#set) this.#values[at++] = renderValue(entry, info);
    for (const entry of this.#add) this.#values[at++] = renderValue(entry, info);
  }
}

function addValue(headers: HeaderList, { name, joins }: CompiledValue, value: string): void {
  const line = joins ? headers.get(name) : undefined;
  if (line === undefined) headers.append(name, value);
  else headers.set(name, joinValues(line, value));
}

export function compileHeaderMutation(
  mutation: HeaderMutation | null,
  direction: HeaderDirection,
): CompiledHeaderMutation | null {
  if (mutation === null) return null;
  const empty = mutation.set.length + mutation.add.length + mutation.remove.length === 0;
  return empty ? null : new CompiledHeaderMutation(mutation, direction);
}

function compileValue({ name, value }: HeaderValue, direction: HeaderDirection): CompiledValue {
  const format = compileFormat(value);
  // Validation refuses bad formats; what slips through is taken as it is written.
  const constant = format.ok ? format.value.constant : wireFromUnicode(value);
  assert(
    constant === null || isFieldValue(constant),
    'the value of a header rule is a field value',
  );
  return {
    name,
    constant,
    format: constant === null && format.ok ? format.value : null,
    joins: direction === 'request' ? hasSingleValue(name) : joinsInResponses(name),
  };
}

/** An empty value changes nothing (Envoy keep_empty_value false). */
function renderValue(entry: CompiledValue, info: StreamInfo): string {
  if (entry.constant !== null) return entry.constant;
  const value = entry.format === null ? '' : entry.format.format(info);
  // Operators also tell of what no parser has checked: environment variables, names of routes.
  return isFieldValue(value) ? value : '';
}
