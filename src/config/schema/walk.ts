/** Reads the parts of a schema that the decoder, the suggestions and the reference need. */

import type { TSchema } from 'typebox';
import type { FieldOptions } from './fields.ts';

/** The keywords that schemas here use. */
export interface SchemaView extends FieldOptions {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly items?: TSchema;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly TSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export function view(schema: TSchema): SchemaView {
  return schema as SchemaView;
}

const noProperties: Readonly<Record<string, TSchema>> = Object.freeze({});

/** Fields of an object; none for anything else. */
export function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  return view(schema).properties ?? noProperties;
}

/** Schema of the values of a map with free keys; null for anything else. */
export function valuesOf(schema: TSchema): TSchema | null {
  const patterns = view(schema).patternProperties;
  return patterns === undefined ? null : (Object.values(patterns)[0] ?? null);
}

/** Schema of the items of a list; null for anything else. */
export function itemsOf(schema: TSchema): TSchema | null {
  return view(schema).items ?? null;
}

export function childrenOf(schema: TSchema): readonly TSchema[] {
  return Object.values(propertiesOf(schema));
}
