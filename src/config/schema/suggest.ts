/** What a misspelt or misplaced field name was probably meant to be. */

import type { TSchema } from 'typebox';
import { nearestSpelling, nearestStem } from '../../base/spelling.ts';
import { kindSchemas } from './kinds.ts';
import { childrenOf, itemsOf, propertiesOf, valuesOf, view } from './walk.ts';

/** Words that people use for a field of another name. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  url: ['uri'],
  path: ['uri', 'prefix'],
  paths: ['uri'],
  location: ['uri'],
  service: ['host', 'destination'],
  hostname: ['host', 'hosts'],
  domain: ['hosts', 'host'],
  domains: ['hosts'],
  share: ['weight'],
  percentage: ['weight', 'value'],
  percent: ['percentage'],
  ratio: ['weight'],
  to: ['destination', 'route'],
  destinations: ['route'],
  backend: ['destination'],
  backends: ['route'],
  routes: ['route', 'http'],
  rules: ['http'],
  matches: ['match'],
  when: ['match'],
  equals: ['exact'],
  equal: ['exact'],
  is: ['exact'],
  startsWith: ['prefix'],
  pattern: ['regex'],
  regexp: ['regex'],
  status: ['httpStatus', 'redirectCode'],
  code: ['httpStatus', 'redirectCode'],
  retry: ['retries'],
  retryPolicy: ['retries'],
  numRetries: ['attempts'],
  maxAttempts: ['attempts'],
  cors: ['corsPolicy'],
  version: ['subset', 'labels'],
  policy: ['trafficPolicy'],
  lb: ['loadBalancer'],
  circuitBreaker: ['connectionPool', 'outlierDetection'],
  selector: ['workloadSelector', 'labels'],
  matchLabels: ['labels'],
  sticky: ['consistentHash'],
  cookie: ['httpCookie', 'headers'],
  header: ['headers', 'httpHeaderName'],
  queryParameters: ['queryParams'],
  query: ['queryParams'],
  shadow: ['mirror'],
  delay: ['fixedDelay', 'fault'],
  abort: ['fault'],
  Prefix: ['PathPrefix'],
  Regex: ['RegularExpression'],
};

/** The candidate that `text` was probably meant to be; null when none is near. */
export function nearestName(text: string, candidates: readonly string[]): string | null {
  const meant = nearestSpelling(text, candidates) ?? byMeaning(text, candidates);
  return meant ?? nearestStem(text, candidates);
}

function byMeaning(text: string, candidates: readonly string[]): string | null {
  const meant = Object.hasOwn(meanings, text) ? (meanings[text] ?? []) : [];
  return meant.find((name) => candidates.includes(name)) ?? null;
}

export interface UnknownField {
  readonly name: string;
  /** Schema of the object it stands in. */
  readonly schema: TSchema;
  /** Schema and field name of the object around that one, if any. */
  readonly parent: { readonly schema: TSchema; readonly field: string } | null;
  /** Fields of the object that have no value. */
  readonly emptySiblings: readonly string[];
}

/** What to do about a field that its object does not have. */
export function unknownFieldHint(field: UnknownField): string | null {
  const own = namesIn(field.schema);
  for (const sibling of field.emptySiblings) {
    const inner = ownProperty(field.schema, sibling);
    if (inner !== undefined && Object.hasOwn(propertiesOf(inner), field.name)) {
      return `indent "${field.name}" so that it is a part of "${sibling}"`;
    }
  }
  const near = nearestName(field.name, own);
  if (near !== null) return `did you mean "${near}"?`;
  return aboveHint(field) ?? belowHint(field.name, field.schema) ?? listHint(own);
}

/** Of all fields that an object may have, read or not. */
function namesIn(schema: TSchema): string[] {
  return [...Object.keys(propertiesOf(schema)), ...(view(schema).unread ?? [])];
}

function aboveHint(field: UnknownField): string | null {
  if (field.parent === null) return null;
  const names = namesIn(field.parent.schema);
  const near = nearestName(field.name, names);
  if (near === null || near === field.parent.field) return null;
  const place = `it belongs beside "${field.parent.field}", not inside it`;
  return near === field.name ? place : `did you mean "${near}"? ${place}`;
}

/** How far below an object a field that stands beside it is looked for. */
const maxDepthBelow = 3;

function belowHint(name: string, schema: TSchema): string | null {
  let level = [{ path: '', schema }];
  for (let depth = 0; depth < maxDepthBelow; depth += 1) {
    level = level.flatMap(({ path, schema: outer }) =>
      Object.entries(propertiesOf(outer)).map(([field, inner]) => ({
        path: path === '' ? field : `${path}.${field}`,
        schema: itemsOf(inner) ?? inner,
      })),
    );
    const holder = level.find(({ schema: inner }) => Object.hasOwn(propertiesOf(inner), name));
    if (holder !== undefined) return `it belongs inside "${holder.path}"`;
  }
  return null;
}

function listHint(names: readonly string[]): string | null {
  return names.length === 0 || names.length > 12 ? null : `it has ${names.join(', ')}`;
}

/**
 * For text that could not be parsed: `key` stands between the field `owner` and `next`, which is
 * probably a field of `owner`.
 */
export function misplacedFieldHint(key: string, owner: string, next: string): string | null {
  for (const { schema } of Object.values(kindSchemas)) {
    const holder = findHolder(schema, owner, next);
    if (holder === null) continue;
    const near = nearestName(key, Object.keys(propertiesOf(holder)));
    const meant = near === null || near === key ? '' : `did you mean "${near}"? `;
    const place = `put "${near ?? key}" below the fields of "${owner}"`;
    return `${meant}"${next}" belongs to "${owner}": ${place}`;
  }
  return null;
}

function ownProperty(schema: TSchema, name: string): TSchema | undefined {
  const properties = propertiesOf(schema);
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The first object schema with a field `owner` whose object has the field `next`. */
function findHolder(schema: TSchema, owner: string, next: string): TSchema | null {
  const inner = ownProperty(schema, owner);
  if (inner !== undefined && Object.hasOwn(propertiesOf(inner), next)) return schema;
  for (const child of childrenOf(schema)) {
    const found = findHolder(valuesOf(child) ?? itemsOf(child) ?? child, owner, next);
    if (found !== null) return found;
  }
  return null;
}
