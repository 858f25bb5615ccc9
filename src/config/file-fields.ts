/** Which fields name files with certificates, so that what is wrong with a file is told there. */

import { formatPath, type Path } from './problem.ts';
import { type Resource, resourceLabel } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';

/** A field with the path of a file, as it is written. */
export interface FileField {
  readonly value: string;
  /** `Gateway default/web`. */
  readonly resource: string;
  /** Of the configuration. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `spec.servers[0].tls.privateKey`. */
  readonly path: string;
}

/** Of `tls` of a Gateway server and of a DestinationRule. */
const names: ReadonlySet<string> = new Set([
  'serverCertificate',
  'clientCertificate',
  'privateKey',
  'caCertificates',
  'caCrl',
]);

export function fileFieldsOf({ gateways, destinationRules }: ResourceSet): FileField[] {
  return [...gateways, ...destinationRules].flatMap((resource) =>
    fieldsBelow(resource, ['spec'], resource.spec),
  );
}

function fieldsBelow(
  resource: Resource<string, unknown>,
  path: Path,
  value: unknown,
): readonly FileField[] {
  if (typeof value === 'string') return value === '' ? [] : [fileField(resource, path, value)];
  if (typeof value !== 'object' || value === null) return [];
  const children = Array.isArray(value)
    ? [...value.entries()].filter(([, child]) => typeof child === 'object')
    : Object.entries(value).filter(([key, child]) => typeof child === 'object' || names.has(key));
  return children.flatMap(([key, child]) => fieldsBelow(resource, [...path, key], child));
}

function fileField(resource: Resource<string, unknown>, path: Path, value: string): FileField {
  const { kind, metadata, file } = resource;
  return {
    value,
    resource: resourceLabel(kind, metadata.namespace, metadata.name),
    file,
    ...resource.positionOf(path),
    path: formatPath(path),
  };
}
