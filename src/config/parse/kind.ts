/** Which kind a document is of, or why that cannot be said. */

import { editDistance } from '../../base/spelling.ts';
import { type FindingCode, findingCode } from '../finding-code.ts';
import type { Problem } from '../problem.ts';
import {
  completeGroups,
  type KindName,
  type KindSchema,
  kindSchemas,
  unreadKinds,
} from '../schema/kinds.ts';
import { nearestName } from '../schema/suggest.ts';
import { propertiesOf } from '../schema/walk.ts';

export type KindResult =
  | { readonly is: 'known'; readonly kind: KindName; readonly apiVersion: string }
  /** A kind of Kubernetes or Istio that is not read here. */
  | { readonly is: 'ignored'; readonly kind: string; readonly apiVersion: string }
  | { readonly is: 'list' }
  | { readonly is: 'wrong'; readonly problems: readonly Problem[] };

type Fields = Readonly<Record<string, unknown>>;

export function identifyKind(document: Fields): KindResult {
  const { kind, apiVersion } = document;
  if (typeof kind !== 'string' || kind === '') return wrong(noKind(document));
  if (typeof apiVersion !== 'string' || apiVersion === '') return wrong(noApiVersion(kind));
  if (isList(kind, document)) return { is: 'list' };
  const slash = apiVersion.lastIndexOf('/');
  const group = slash === -1 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const schemas = schemasOf(kind);
  const schema = schemas.find((one) => one.group === group || isOldVersion(one, apiVersion));
  if (schema === undefined) {
    return schemas.length === 0
      ? unknownKind(kind, group, apiVersion)
      : otherGroup(schemas, group, apiVersion);
  }
  if (schema.versions.includes(version) || isOldVersion(schema, apiVersion)) {
    return { is: 'known', kind: schema.name, apiVersion };
  }
  return wrong(apiVersionProblem(`${kind} has no version "${version}"`, versionsHint([schema])));
}

type NamedSchema = KindSchema & { readonly name: KindName };

function namedSchemas(): NamedSchema[] {
  return Object.entries(kindSchemas).map(([name, schema]) => ({
    ...schema,
    name: name as KindName,
  }));
}

/** Those that files write with the same word. */
function schemasOf(kind: string): NamedSchema[] {
  return namedSchemas().filter((schema) => schema.kind === kind);
}

function isOldVersion({ oldApiVersions = [] }: KindSchema, apiVersion: string): boolean {
  return oldApiVersions.includes(apiVersion);
}

/** `List`, and lists of one kind such as `ServiceList`, as kubectl prints them. */
function isList(kind: string, document: Fields): boolean {
  return kind === 'List' || (kind.endsWith('List') && Array.isArray(document['items']));
}

function wrong(problem: Problem): KindResult {
  return { is: 'wrong', problems: [problem] };
}

function problem(
  code: FindingCode,
  field: string,
  text: Pick<Problem, 'message' | 'hint'>,
): Problem {
  return { code, path: [field], at: 'value', ...text };
}

function noKind(document: Fields): Problem {
  const likely = likelyKind(document);
  const first = Object.keys(document)[0];
  const hint =
    likely === null
      ? 'begin with apiVersion, kind and metadata'
      : `the fields are those of the spec of a ${likely}: ` +
        'put them under "spec:", after apiVersion, kind and metadata';
  return {
    code: findingCode.noKind,
    path: first === undefined ? [] : [first],
    at: 'key',
    message: 'the document does not say its kind',
    hint,
  };
}

function noApiVersion(kind: string): Problem {
  const versions = schemasOf(kind).map(preferredVersion);
  const hint = versions.length === 0 ? null : `write apiVersion: ${versions.join(' or ')}`;
  const message = 'the document does not say its apiVersion';
  return problem(findingCode.noKind, 'kind', { message, hint });
}

function apiVersionProblem(message: string, hint: string): Problem {
  return problem(findingCode.apiVersion, 'apiVersion', { message, hint });
}

function unknownKind(kind: string, group: string, apiVersion: string): KindResult {
  const names = Object.values(kindSchemas)
    .filter((schema) => schema.group === group)
    .map((schema) => schema.kind);
  const near = names.find((name) => isMisspelt(kind, name));
  const isComplete = completeGroups.has(group);
  if ((near === undefined && !isComplete) || unreadKinds.has(kind)) {
    return { is: 'ignored', kind, apiVersion };
  }
  // A file that was cut off while it was written ends in such a word.
  return wrong(
    problem(findingCode.noKind, 'kind', {
      message: `there is no kind "${kind}" in ${apiVersion}`,
      hint: near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`,
    }),
  );
}

/** Of a short name little may differ: a Node is no Pod. */
function isMisspelt(kind: string, name: string): boolean {
  const most = Math.min(2, Math.floor(name.length / 2));
  return editDistance(name.toLowerCase(), kind.toLowerCase()) <= most;
}

/**
 * Groups of others have kinds of the same names, as Knative has a Service; `networking.istio.com` is
 * a mistake, and so is a group of Kubernetes itself or one whose kinds are read here.
 */
function otherGroup(
  schemas: readonly NamedSchema[],
  group: string,
  apiVersion: string,
): KindResult {
  const meant = schemas.filter((schema) => isNearGroup(schema.group, group));
  const [kind = ''] = schemas.map((schema) => schema.kind);
  if (meant.length === 0 && !isOwnGroup(group)) return { is: 'ignored', kind, apiVersion };
  const message = `${kind} is not in apiVersion "${apiVersion}"`;
  return wrong(apiVersionProblem(message, versionsHint(meant.length === 0 ? schemas : meant)));
}

/** `apps`, `extensions` and the like have no dot, which all groups of others must have. */
function isOwnGroup(group: string): boolean {
  return !group.includes('.') || namedSchemas().some((schema) => schema.group === group);
}

function isNearGroup(known: string, written: string): boolean {
  return known !== '' && (written === '' || editDistance(written, known) <= 3);
}

function preferredVersion(schema: KindSchema): string {
  const version = schema.versions[0] ?? '';
  return schema.group === '' ? version : `${schema.group}/${version}`;
}

function versionsHint(schemas: readonly KindSchema[]): string {
  return `did you mean ${schemas.map(preferredVersion).join(' or ')}?`;
}

/** The kind whose spec the top-level fields of a document look like. */
export function likelyKind(document: Fields): KindName | null {
  const keys = Object.keys(document);
  let best: KindName | null = null;
  let bestKnown = 0;
  for (const schema of namedSchemas()) {
    const names = Object.keys(propertiesOf(schema.schema));
    const known = keys.filter((key) => names.includes(key)).length;
    if (known > bestKnown && known * 2 > keys.length) {
      best = schema.name;
      bestKnown = known;
    }
  }
  return best;
}

/** For top-level fields beside `spec`. */
export function topLevelHint(key: string, schema: KindSchema): string | null {
  const fields = Object.keys(propertiesOf(schema.schema));
  if (fields.includes(key)) return `indent "${key}" so that it is a part of "spec"`;
  const near = nearestName(key, ['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  return near === null ? null : `did you mean "${near}"?`;
}
