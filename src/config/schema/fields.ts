/**
 * The building blocks of the schemas: TypeBox types with a description and the extra keywords that
 * the decoder (`decode.ts`) and the reference documentation understand.
 */

import type { TObject, TProperties } from 'typebox';
import { Type } from '../../base/schema.ts';

/** Keywords of ours beside JSON Schema's. Other JSON Schema readers ignore them. */
export interface FieldOptions {
  /** What applies where the field is absent, in words; shown in the reference. */
  readonly default?: string | number | boolean;
  /** What a number counts, where its description leaves it open; shown in the reference. */
  readonly unit?: 'percent';
  /** Set for a field that Istio keeps only for old files: what to write instead. */
  readonly deprecated?: string;
  /** For objects: groups of fields of which at most one may be set (protobuf `oneof`). */
  readonly oneof?: readonly (readonly string[])[];
  /** For objects: what a field outside the schema is. `ignore` for Kubernetes objects. */
  readonly unknown?: 'error' | 'warning' | 'ignore';
  /**
   * For Kubernetes objects all of whose fields are known: those that are not read. Any other is
   * named; without this list none is.
   */
  readonly unread?: readonly string[];
  /** For fields that are read and checked but not yet acted on: why. */
  readonly ineffective?: string;
  /** What stands there is shown to nobody, not even where it is wrong. */
  readonly confidential?: boolean;
}

export function text(description: string, options: FieldOptions = {}) {
  return Type.String({ description, ...options });
}

/** Path of a file in PEM with `content`. */
export function certificateFile(content: string, options: FieldOptions = {}) {
  return text(`File of ${content}; a relative path counts from the working directory.`, options);
}

/** Protobuf duration as text: `1h`, `90s`, `1.5s`, `250ms`. */
export function duration(description: string, options: FieldOptions = {}) {
  return Type.String({ description, format: 'duration', ...options });
}

/** Bytes as a number or a Kubernetes quantity: `4096`, `64Ki`, `1Mi`. */
export function byteSize(description: string, options: FieldOptions = {}) {
  const either = [Type.Integer(), Type.String()] as const;
  return Type.Union([...either], { description, format: 'byte size', ...options });
}

/** RE2 pattern, matched against the whole value. */
export function pattern(description: string, options: FieldOptions = {}) {
  return Type.String({ description, format: 'regex', ...options });
}

export function flag(description: string, options: FieldOptions = {}) {
  return Type.Boolean({ description, ...options });
}

export interface Range {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** int32 unless a range says otherwise. */
export function integer(description: string, options: FieldOptions & Range = {}) {
  return Type.Integer({ minimum: -2147483648, maximum: 2147483647, description, ...options });
}

export function uint32(description: string, options: FieldOptions & Range = {}) {
  return Type.Integer({ minimum: 0, maximum: 4294967295, description, ...options });
}

export function number(description: string, options: FieldOptions & Range = {}) {
  return Type.Number({ description, ...options });
}

export function textList(description: string, options: FieldOptions = {}) {
  return Type.Array(Type.String(), { description, ...options });
}

export function textMap(description: string, options: FieldOptions = {}) {
  return Type.Record(Type.String(), Type.String(), { description, ...options });
}

/** Kubernetes IntOrString: a port number or the name of a port. */
export function intOrText(description: string, options: FieldOptions = {}) {
  return Type.Union([Type.Integer(), Type.String()], { description, ...options });
}

/** The same object with words of its own for the field that it is. */
export function described<P extends TProperties>(
  schema: TObject<P>,
  description: string,
): TObject<P> {
  const { type: _type, required: _required, properties, ...options } = schema;
  return Type.Object(properties as P, { ...options, description });
}
