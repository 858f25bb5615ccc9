/** What the encoder knows of a field by its name: its static index, and how to send it. */

import { staticNames, staticValues } from './hpack-static-table.ts';

export interface FieldRule {
  /** Index of the first entry of the static table that has the name; 0: none has it. */
  readonly staticIndex: number;
  /** The values of that entry and of those that follow it with the same name. */
  readonly staticValues: readonly string[];
  /**
   * The same value is likely to come again soon, and worth its place in the dynamic table. If not,
   * it would only push out others, and go before it is met again.
   */
  readonly repeats: boolean;
  /**
   * A value with fewer bytes is never put into a table, by us or by any hop behind us, for the
   * size of what is sent would help to guess it (RFC 7541 section 7.1.3).
   */
  readonly secretBelow: number;
}

/**
 * What differs from request to request or from resource to resource (nghttp2 keeps most of it out
 * of the table, too), and what identifies one request. `date` is not among them: all responses of
 * a second share it.
 */
const volatileNames = `
  :path age content-length content-range etag if-match if-modified-since if-none-match if-range
  if-unmodified-since last-modified location range set-cookie
  b3 grpc-message grpc-status-details-bin grpc-timeout grpc-trace-bin traceparent tracestate
  x-b3-parentspanid x-b3-spanid x-b3-traceid x-cloud-trace-context x-envoy-upstream-service-time
  x-ot-span-context x-request-id`
  .trim()
  .split(/\s+/);

/** Credentials. A long cookie is random, and cannot be guessed byte by byte; a password can. */
const secretNames: ReadonlyMap<string, number> = new Map([
  ['authorization', Number.POSITIVE_INFINITY],
  ['proxy-authorization', Number.POSITIVE_INFINITY],
  ['cookie', 20],
  ['set-cookie', 20],
]);

function buildRules(): ReadonlyMap<string, FieldRule> {
  const rules = new Map<string, FieldRule>();
  for (const name of [...staticNames, ...volatileNames]) {
    const first = staticNames.indexOf(name);
    rules.set(name, {
      staticIndex: first + 1,
      staticValues: staticValues.filter((_, i) => staticNames[i] === name),
      repeats: !volatileNames.includes(name),
      secretBelow: secretNames.get(name) ?? 0,
    });
  }
  return rules;
}

const rules = buildRules();

const otherField: FieldRule = { staticIndex: 0, staticValues: [], repeats: true, secretBelow: 0 };

/** `name`: in lower case. */
export function ruleOf(name: string): FieldRule {
  return rules.get(name) ?? otherField;
}
