/** Sets of texts as regular languages, over bytes. */

import { anyByte, type ByteSet, byteSet, withBothCases } from './byte-set.ts';

export type Pattern =
  | { readonly kind: 'byte'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly parts: readonly Pattern[] }
  /** No part: nothing matches. */
  | { readonly kind: 'choice'; readonly parts: readonly Pattern[] }
  | {
      readonly kind: 'repeat';
      readonly part: Pattern;
      readonly min: number;
      /** Infinity where there is no upper bound. */
      readonly max: number;
    };

export const anyText: Pattern = {
  kind: 'repeat',
  part: { kind: 'byte', set: anyByte },
  min: 0,
  max: Number.POSITIVE_INFINITY,
};

/** `text` is wire text. */
export function literal(text: string, ignoreCase = false): Pattern {
  const parts = Array.from(text, (char): Pattern => {
    const set = byteSet(char);
    return { kind: 'byte', set: ignoreCase ? withBothCases(set) : set };
  });
  return { kind: 'sequence', parts };
}

export function sequence(...parts: Pattern[]): Pattern {
  return { kind: 'sequence', parts };
}

export function choice(...parts: Pattern[]): Pattern {
  return { kind: 'choice', parts };
}
