/** Name, namespace, labels and annotations of a document. */

import { isObject } from '../../base/is-object.ts';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import { defaultNamespace, type ResourceMetadata } from '../resource.ts';
import { quotesHint } from '../schema/quotes-hint.ts';
import { nearestName } from '../schema/suggest.ts';

const noText: Readonly<Record<string, string>> = Object.freeze({});

/** Names may be missing only where nothing refers to the object. */
const nameIsOptional: ReadonlySet<string> = new Set(['Bootstrap']);

const hasNoNamespace: ReadonlySet<string> = new Set([
  'Namespace',
  'Bootstrap',
  'GatewayClass',
  'IngressClass',
]);

/** Of Kubernetes' ObjectMeta, with what it had once. */
const metadataFields = [
  'name',
  'namespace',
  'labels',
  'annotations',
  'creationTimestamp',
  'clusterName',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'initializers',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** RFC 1123 subdomain, what Kubernetes asks of names. */
const namePattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export function readMetadata(kind: string, value: unknown, problems: Problems): ResourceMetadata {
  const path = ['metadata'];
  if (value !== undefined && value !== null && !isObject(value)) {
    wrong(problems, path, '"metadata" must be an object');
  }
  const fields = isObject(value) ? value : {};
  if (!nameIsOptional.has(kind) && isAbsent(fields['name']) && isAbsent(fields['generateName'])) {
    wrong(problems, path, '"metadata.name" is missing', 'every resource needs a name');
  }
  reportUnknown(fields, path, problems);
  return {
    name: readName(fields['name'], [...path, 'name'], problems),
    namespace: hasNoNamespace.has(kind)
      ? ''
      : readName(fields['namespace'], [...path, 'namespace'], problems) || defaultNamespace,
    labels: readTextMap(fields['labels'], [...path, 'labels'], problems),
    annotations: readTextMap(fields['annotations'], [...path, 'annotations'], problems),
    creationTimestamp: readTime(fields['creationTimestamp']),
  };
}

function reportUnknown(fields: object, path: Path, problems: Problems): void {
  for (const key of Object.keys(fields)) {
    if (metadataFields.includes(key)) continue;
    const near = nearestName(key, metadataFields);
    problems.add({
      code: findingCode.unknownToKubernetes,
      path: [...path, key],
      at: 'key',
      message: `unknown field "${key}" in metadata`,
      hint: near === null ? null : `did you mean "${near}"?`,
    });
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function readName(value: unknown, path: Path, problems: Problems): string {
  if (isAbsent(value)) return '';
  if (typeof value !== 'string') {
    wrong(problems, path, `"${path.join('.')}" must be a text`, quotesHint(value));
    return '';
  }
  if (!namePattern.test(value) || value.length > 253) {
    const hint = 'lower case letters, digits, "-" and ".", at most 253';
    wrong(problems, path, `"${value}" is not a valid name`, hint);
  }
  return value;
}

function readTextMap(
  value: unknown,
  path: Path,
  problems: Problems,
): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return noText;
  if (!isObject(value)) {
    wrong(problems, path, `"${path.join('.')}" must be an object of texts`);
    return noText;
  }
  const entries: [string, string][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string') entries.push([key, item]);
    else if (item !== null) {
      const hint = isObject(item) ? quotesHint(item) : `put it in quotes: ${key}: "${item}"`;
      wrong(problems, [...path, key], `the value of "${key}" must be a text`, hint);
    }
  }
  return Object.fromEntries(entries);
}

/** Milliseconds since the epoch; 0 where there is none. */
function readTime(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) ? time : 0;
}

function wrong(problems: Problems, path: Path, message: string, hint: string | null = null): void {
  problems.add({ code: findingCode.metadata, path, at: 'value', message, hint });
}
