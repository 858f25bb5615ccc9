/**
 * JSON Schema for editors out of the schemas of configuration: our own keywords become ones that
 * yaml-language-server knows, and null is allowed wherever the decoder takes it for nothing.
 */

import type { TSchema } from 'typebox';
import { parseDuration } from '../src/base/duration.ts';
import { propertiesOf, type SchemaView, valuesOf, view } from '../src/config/schema/walk.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** As Go and protobuf write durations; `format: duration` of JSON Schema means ISO 8601. */
const durationPattern = '^[+-]?(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$|^[+-]?0$';

/** Of a value that must be there. `isStrict`: unknown fields are errors where it is not said. */
export function valueSchema(schema: TSchema, isStrict: boolean): JsonSchema {
  const field = view(schema);
  return { ...annotations(field), ...constraints(schema, field, isStrict) };
}

/** Of a field that may be absent, and so may be null. */
function optionalSchema(schema: TSchema, isStrict: boolean): JsonSchema {
  const value = valueSchema(schema, isStrict);
  const { type, enum: choices } = value;
  if (type === undefined) return value;
  const nullable = { ...value, type: [...[type].flat(), 'null'] };
  return Array.isArray(choices) ? { ...nullable, enum: [...choices, null] } : nullable;
}

function annotations(field: SchemaView): JsonSchema {
  const { description = '', default: fallback, deprecated, ineffective } = field;
  const isLiteral = fallback !== undefined && isValueOf(field, fallback);
  const notes = [description];
  if (fallback !== undefined && !isLiteral) notes.push(`Default: ${fallback}.`);
  if (deprecated !== undefined) notes.push(`Old: use ${deprecated}.`);
  if (ineffective !== undefined) notes.push(`No effect: ${ineffective}.`);
  const text = notes.filter((note) => note !== '').join(' ');
  return {
    ...(text === '' ? {} : { description: text }),
    // Editors write defaults into files: only what is a value may be one.
    ...(isLiteral ? { default: fallback } : {}),
    ...(deprecated === undefined
      ? {}
      : { deprecated: true, deprecationMessage: `use ${deprecated}` }),
  };
}

function isValueOf(field: SchemaView, value: string | number | boolean): boolean {
  if (typeof value !== 'string') return true;
  if (field.enum !== undefined) return field.enum.includes(value);
  return field.format === 'duration' && parseDuration(value) !== null;
}

function constraints(schema: TSchema, field: SchemaView, isStrict: boolean): JsonSchema {
  if (field.anyOf !== undefined) return { type: field.anyOf.map((one) => view(one).type) };
  if (field.enum !== undefined) return { type: 'string', enum: field.enum };
  if (field.format === 'duration') return { type: 'string', pattern: durationPattern };
  switch (field.type) {
    case 'object':
      return objectConstraints(schema, isStrict);
    case 'array':
      return field.items === undefined
        ? { type: 'array' }
        : { type: 'array', items: valueSchema(field.items, isStrict) };
    case 'integer':
    case 'number': {
      const { type, minimum, maximum } = field;
      return JSON.parse(JSON.stringify({ type, minimum, maximum }));
    }
    default:
      return field.type === undefined ? {} : { type: field.type };
  }
}

function objectConstraints(schema: TSchema, isStrict: boolean): JsonSchema {
  const values = valuesOf(schema);
  if (values !== null) {
    // Istio takes a null message in a map for an empty one; a null text has no such reading.
    const takesNull = view(values).type === 'object' || !isStrict;
    const each = takesNull ? optionalSchema(values, isStrict) : valueSchema(values, isStrict);
    return { type: 'object', additionalProperties: each };
  }
  const { required = [], oneof = [], unknown = isStrict ? 'error' : 'ignore' } = view(schema);
  const properties = Object.fromEntries(
    Object.entries(propertiesOf(schema)).map(([name, inner]) => [
      name,
      required.includes(name) ? valueSchema(inner, isStrict) : optionalSchema(inner, isStrict),
    ]),
  );
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(unknown === 'error' ? { additionalProperties: false } : {}),
    ...(oneof.length === 0 ? {} : { allOf: oneof.map(atMostOne) }),
  };
}

/** No two fields of `names` may have a value. */
function atMostOne(names: readonly string[]): JsonSchema {
  const given = { not: { type: 'null' } };
  const pairs = names.flatMap((first, index) =>
    names.slice(index + 1).map((second) => ({
      // Null has all fields that are asked for, as far as JSON Schema is concerned.
      type: 'object',
      required: [first, second],
      properties: { [first]: given, [second]: given },
    })),
  );
  return { not: { anyOf: pairs }, errorMessage: `only one of ${names.join(', ')} may be set` };
}
