/** Documents of files that stay as they are written, beside what was converted. */

import { parseDocument, stringify } from 'yaml';
import { isObject } from '../base/is-object.ts';
import { type SourceFile, splitDocuments } from '../config/parse/source-file.ts';
import { defaultNamespace } from '../config/resource.ts';

export interface OtherDocument {
  /** With its comments; an item of a list alone. */
  readonly text: string;
  readonly value: unknown;
}

/** `Kind.group/namespace/name`. */
export type ResourceKey = string;

export interface Keyed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
}

/** Gateways of Istio and of the Gateway API may have one name. */
export function resourceKey({ apiVersion, kind, metadata }: Keyed): ResourceKey {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${kind}.${group}/${metadata.namespace}/${metadata.name}`;
}

/** All but those that are named. What cannot be read is told where files are read. */
export function otherDocuments(
  files: readonly SourceFile[],
  leftOut: ReadonlySet<ResourceKey>,
): OtherDocument[] {
  const chunks = files.flatMap(({ text }) => splitDocuments(text));
  return chunks.flatMap(({ text }) => {
    const document = parseDocument(text, { merge: true, logLevel: 'silent' });
    const value: unknown = document.errors.length > 0 ? null : document.toJS();
    if (!isObject(value)) return [];
    const { kind, items } = value;
    if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
      return items
        .filter((item) => !leftOut.has(keyOf(item)))
        .map((item: unknown) => ({ text: stringify(item, { lineWidth: 0 }), value: item }));
    }
    return leftOut.has(keyOf(value)) ? [] : [{ text: asDocument(text), value }];
  });
}

/** What stands before the first line of a document is what followed its `---`. */
function asDocument(text: string): string {
  return `${text.replace(/^\s*\n/, '').trimEnd()}\n`;
}

export function keyOf(value: unknown): ResourceKey {
  if (!isObject(value)) return '';
  const { apiVersion, kind, metadata } = value;
  const { name, namespace = defaultNamespace } = isObject(metadata) ? metadata : {};
  return resourceKey({
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: { namespace: String(namespace), name: String(name) },
  });
}
