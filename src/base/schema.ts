/**
 * Builds JSON Schema whose TypeScript type is TypeBox's: the constructors that schemas here use. Of
 * the library itself, 370 modules, only the types are needed; see
 * docs/decisions/0140-schemas-without-their-library.md.
 */

import type { TProperties, TSchema, Type as TypeBox } from 'typebox';

type Constructors = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
>;

/** Marks a field that may be absent, where the types of TypeBox have it; JSON does not show it. */
const optionalMark = '~optional';

// The library's types also have marks that only its own functions read; they stand in no schema here.
export const Type = {
  Array: (items: TSchema, options?: object) => ({ type: 'array', items, ...options }),
  Boolean: (options?: object) => ({ type: 'boolean', ...options }),
  Enum: (values: readonly string[], options?: object) => ({ enum: values, ...options }),
  Integer: (options?: object) => ({ type: 'integer', ...options }),
  Null: (options?: object) => ({ type: 'null', ...options }),
  Number: (options?: object) => ({ type: 'number', ...options }),
  Object: objectSchema,
  Optional: (schema: TSchema) =>
    Object.defineProperty({ ...schema }, optionalMark, { value: true }),
  /** Keys are any text. */
  Record: (_keys: TSchema, values: TSchema, options?: object) => ({
    type: 'object',
    patternProperties: { '^.*$': values },
    ...options,
  }),
  String: (options?: object) => ({ type: 'string', ...options }),
  Union: (schemas: readonly TSchema[], options?: object) => ({ anyOf: schemas, ...options }),
  Unknown: (options?: object) => ({ ...options }),
} as unknown as Constructors;

/** Fields that are not optional are required, in their order. */
function objectSchema(properties: TProperties, options?: object): object {
  const required = Object.keys(properties).filter(
    (name) => !Object.hasOwn(properties[name] ?? {}, optionalMark),
  );
  const needed = required.length > 0 ? { required } : {};
  return { type: 'object', ...needed, properties, ...options };
}
