/** What the schemas of the API are built of. */

import type { TObject, TProperties, TSchema } from 'typebox';
import { Type } from '../../../base/schema.ts';

/** An object that has these fields and no others, under a name of its own in the document. */
export function named<T extends TProperties>(
  title: string,
  description: string,
  properties: T,
): TObject<T> {
  return Type.Object(properties, { title, description, additionalProperties: false });
}

export function text(description: string) {
  return Type.String({ description });
}

export function count(description: string) {
  return Type.Integer({ minimum: 0, description });
}

export function amount(description: string) {
  return Type.Number({ minimum: 0, description });
}

export function flag(description: string) {
  return Type.Boolean({ description });
}

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export function textList(description: string) {
  return Type.Array(Type.String(), { description });
}

/** Read by people too, so no milliseconds since the epoch. */
export function instant(description: string) {
  return Type.String({ format: 'date-time', description });
}
