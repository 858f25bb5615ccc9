/** canary and canary-*: an Ingress whose backends get some of the requests of another one. */

import type { AnnotationReader } from './annotation-reader.ts';

export interface Canary {
  /** Header whose value decides; null: none. */
  readonly header: { readonly name: string; readonly value: HeaderValue } | null;
  /** Cookie with the value `always` or `never`; null: none. */
  readonly cookie: string | null;
  readonly weight: number;
  readonly weightTotal: number;
}

/** `words`: `always` and `never`. */
type HeaderValue =
  | { readonly kind: 'words' }
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'regex'; readonly pattern: string };

const defaultWeightTotal = 100;

/** null for an Ingress that is none. */
export function readCanary(reader: AnnotationReader): Canary | null {
  const isCanary = reader.flag('canary', false);
  const parts = ['canary-weight', 'canary-by-header', 'canary-by-cookie'];
  if (!isCanary) {
    const lonely = reader.nameOf(parts);
    if (lonely !== null) reader.refuse(lonely, 'it needs the annotation canary: "true"');
    return null;
  }
  // A total below 100 does not count (balancer.lua).
  const total = reader.integer('canary-weight-total', { min: 1 }) ?? defaultWeightTotal;
  const weightTotal = Math.max(total, defaultWeightTotal);
  const weight = reader.integer('canary-weight', { min: 0, max: weightTotal });
  return {
    header: readHeader(reader),
    cookie: reader.token('canary-by-cookie'),
    weight: weight ?? 0,
    weightTotal,
  };
}

function readHeader(reader: AnnotationReader): Canary['header'] {
  const name = reader.token('canary-by-header');
  if (name === null) return null;
  const text = reader.text('canary-by-header-value');
  if (text !== null) return { name: name.toLowerCase(), value: { kind: 'exact', text } };
  const pattern = reader.pattern('canary-by-header-pattern');
  if (pattern !== null) return { name: name.toLowerCase(), value: { kind: 'regex', pattern } };
  return { name: name.toLowerCase(), value: { kind: 'words' } };
}
