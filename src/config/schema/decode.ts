/**
 * Checks a value against a schema and turns it into what the schema's type promises, as protobuf's
 * JSON mapping does: null is absent, snake_case names and numbers as text are accepted.
 */

import type { TSchema } from 'typebox';
import { isObject } from '../../base/is-object.ts';
import { type FindingCode, findingCode } from '../finding-code.ts';
import { formatPath, type Path, type Problems } from '../problem.ts';
import { decodeFlag, decodeNumber, decodeText, decodeWord } from './decode-scalar.ts';
import { nearestName, unknownFieldHint } from './suggest.ts';
import { type SchemaView, valuesOf, view } from './walk.ts';
import { type Field, reportWrongType } from './wrong-type.ts';

export interface DecodeContext {
  readonly problems: Problems;
  /** What unknown fields are where a schema does not say. */
  readonly unknown: 'error' | 'ignore';
}

interface Place {
  readonly schema: TSchema;
  readonly path: Path;
  /** The object around this one. */
  readonly parent: { readonly schema: TSchema; readonly field: string } | null;
}

/** What absent and refused values become. */
const nothing = undefined;

/** The value with defaults for nothing and without nulls; problems are added to the context. */
export function decode(
  schema: TSchema,
  value: unknown,
  path: Path,
  context: DecodeContext,
): unknown {
  return new Decoder(context).value({ schema, path, parent: null }, value);
}

class Decoder {
  readonly #problems: Problems;
  readonly #unknown: 'error' | 'ignore';

  constructor(context: DecodeContext) {
    this.#problems = context.problems;
    this.#unknown = context.unknown;
  }

  value(place: Place, value: unknown): unknown {
    const schema = view(place.schema);
    if (schema.anyOf !== undefined) return this.#anyOf(place, schema.anyOf, value);
    if (schema.enum !== undefined) return decodeWord(this.#field(place), schema.enum, value);
    switch (schema.type) {
      case 'object':
        return this.#objectOrMap(place, value);
      case 'array':
        return this.#list(place, value);
      case 'string':
        return decodeText(this.#field(place), value);
      case 'integer':
      case 'number':
        return decodeNumber(this.#field(place), value);
      case 'boolean':
        return decodeFlag(this.#field(place), value);
      default:
        return value;
    }
  }

  #objectOrMap(place: Place, value: unknown): unknown {
    if (!isObject(value)) return this.#wrongType(place, value, 'an object');
    const values = valuesOf(place.schema);
    return values === null ? this.#object(place, value) : this.#map(place, values, value);
  }

  #object(place: Place, source: Readonly<Record<string, unknown>>): unknown {
    const schema = view(place.schema);
    const properties = schema.properties ?? {};
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(source)) {
      const name = fieldName(properties, key);
      const inner = name === null ? undefined : properties[name];
      if (name === null || inner === undefined) {
        this.#unknownField(place, key, source);
        continue;
      }
      if (item === null) continue;
      const path = [...place.path, key];
      if (name in result) {
        this.#add(findingCode.severalOfOne, path, `"${key}" and "${name}" are the same field`);
        continue;
      }
      this.#noteUse(view(inner), path, name);
      const parent = { schema: place.schema, field: name };
      const decoded = this.value({ schema: inner, path, parent }, item);
      if (decoded !== nothing) result[name] = decoded;
    }
    this.#checkRequired(place, schema, source);
    this.#checkOneof(place, schema, result);
    return result;
  }

  #noteUse(schema: SchemaView, path: Path, name: string): void {
    if (schema.deprecated !== undefined) {
      const hint = `use ${schema.deprecated}`;
      this.#add(findingCode.deprecated, path, `"${name}" is an old field`, hint);
    }
    if (schema.ineffective !== undefined) {
      this.#add(findingCode.noEffect, path, `"${name}" has no effect: ${schema.ineffective}`);
    }
  }

  #checkRequired(place: Place, schema: SchemaView, source: Record<string, unknown>): void {
    for (const name of schema.required ?? []) {
      const given = Object.keys(source).find(
        (key) => fieldName(schema.properties ?? {}, key) === name,
      );
      if (given !== undefined && source[given] !== null) continue;
      const where = formatPath(place.path);
      const message = `"${name}" is missing in ${where === '' ? 'the document' : where}`;
      this.#add(findingCode.missingField, place.path, message);
    }
  }

  #checkOneof(place: Place, schema: SchemaView, result: Record<string, unknown>): void {
    for (const group of schema.oneof ?? []) {
      const given = group.filter((name) => name in result);
      const second = given[1];
      if (second === undefined) continue;
      const message = `only one of ${group.join(', ')} may be set, here are ${given.join(' and ')}`;
      this.#add(findingCode.severalOfOne, [...place.path, second], message);
    }
  }

  #unknownField(place: Place, key: string, source: Readonly<Record<string, unknown>>): void {
    const { unknown = this.#unknown, unread, properties = {} } = view(place.schema);
    if (unread?.includes(key) ?? unknown === 'ignore') return;
    const path = [...place.path, key];
    if (unknown === 'warning') {
      const near = nearestName(key, Object.keys(properties));
      const meant = near === null ? null : `did you mean "${near}"?`;
      this.#add(findingCode.noEffect, path, `"${key}" is not honoured`, meant);
      return;
    }
    const emptySiblings = Object.keys(source).filter((name) => source[name] === null);
    const hint = unknownFieldHint({ name: key, ...place, emptySiblings });
    const within = formatPath(place.path);
    const code = unread === undefined ? findingCode.unknownField : findingCode.unknownToKubernetes;
    this.#add(code, path, `unknown field "${key}"${within === '' ? '' : ` in ${within}`}`, hint);
  }

  #map(place: Place, values: TSchema, source: Readonly<Record<string, unknown>>): unknown {
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(source)) {
      const path = [...place.path, key];
      // Istio takes a null message in a map for an empty one; a null text has no such reading.
      const given = item === null && view(values).type === 'object' ? {} : item;
      if (given === null && this.#unknown === 'ignore') continue;
      const decoded = this.value({ schema: values, path, parent: place.parent }, given);
      if (decoded !== nothing) define(result, key, decoded);
    }
    return result;
  }

  #list(place: Place, value: unknown): unknown {
    if (!Array.isArray(value)) {
      const hint = isObject(value) ? 'begin each item with "- "' : 'write it as a list: "- …"';
      return this.#wrongType(place, value, 'a list', hint);
    }
    const items = view(place.schema).items;
    const result: unknown[] = [];
    for (const [index, item] of value.entries()) {
      const path = [...place.path, index];
      if (item === null) {
        this.#add(findingCode.wrongType, path, `${formatPath(path)} is empty`, 'remove the "-"');
        continue;
      }
      const decoded =
        items === undefined ? item : this.value({ ...place, schema: items, path }, item);
      if (decoded !== nothing) result.push(decoded);
    }
    return result;
  }

  #anyOf(place: Place, schemas: readonly TSchema[], value: unknown): unknown {
    const fitting = schemas.find((schema) => fits(view(schema).type, value));
    if (fitting !== undefined) return this.value({ ...place, schema: fitting }, value);
    const wanted = schemas.map((schema) => typeWords[view(schema).type ?? ''] ?? '').join(' or ');
    return this.#wrongType(place, value, wanted);
  }

  #wrongType(place: Place, value: unknown, wanted: string, hint: string | null = null): undefined {
    reportWrongType(this.#field(place), value, { wanted, hint });
    return nothing;
  }

  #field({ schema, path }: Place): Field {
    return { schema, path, problems: this.#problems };
  }

  #add(code: FindingCode, path: Path, message: string, hint: string | null = null): void {
    this.#problems.add({ code, path, at: 'key', message, hint });
  }
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
};

function fits(type: string | undefined, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return typeof value === type;
}

/** The field that a key of a document means; null when there is none. */
function fieldName(properties: Readonly<Record<string, TSchema>>, key: string): string | null {
  if (Object.hasOwn(properties, key)) return key;
  if (!key.includes('_')) return null;
  const camel = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(properties, camel) ? camel : null;
}

/** Assignment that is safe for the key `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
