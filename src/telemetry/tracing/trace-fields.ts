/**
 * Which headers that bear on tracing a request has, found in one pass: most requests have none, and
 * a block is searched a dozen times otherwise.
 */

import type { HeaderList } from '../../http1/header-list.ts';

const traceParent = 1;
const traceState = 2;
const b3Single = 4;
const b3Multi = 8;
const forced = 16;
const repeatedParent = 32;

/** Bits of `findTraceFields`. */
export const traceField = {
  traceParent,
  traceState,
  b3Single,
  b3Multi,
  /** Any that names a trace, or decides about one. */
  context: traceParent | traceState | b3Single | b3Multi,
  /** Asks for a trace to be sampled: x-client-trace-id, x-envoy-force-trace. */
  forced,
  /** There is more than one traceparent. */
  repeatedParent,
} as const;

/** By name. */
const bits: ReadonlyMap<string, number> = new Map([
  ['traceparent', traceParent],
  ['tracestate', traceState],
  ['b3', b3Single],
  ['x-b3-traceid', b3Multi],
  ['x-b3-spanid', b3Multi],
  ['x-b3-parentspanid', b3Multi],
  ['x-b3-sampled', b3Multi],
  ['x-b3-flags', b3Multi],
  ['x-client-trace-id', forced],
  ['x-envoy-force-trace', forced],
]);

export const traceFieldNames: readonly string[] = [...bits.keys()];

/** A bit for each length that occurs: most names of other headers need no second look. */
const lengths = [...bits.keys()].reduce((found, name) => found | (1 << name.length), 0);

const letterB = 0x62;
const letterT = 0x74;
const letterX = 0x78;

export function findTraceFields(headers: HeaderList): number {
  const { flat } = headers;
  let found = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (((lengths >>> name.length) & 1) === 0) continue;
    const first = name.charCodeAt(0);
    if (first !== letterX && first !== letterT && first !== letterB) continue;
    const bit = bits.get(name) ?? 0;
    if (bit === traceParent && (found & traceParent) !== 0) found |= repeatedParent;
    found |= bit;
  }
  return found;
}
