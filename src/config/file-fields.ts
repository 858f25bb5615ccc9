/** Which fields name files, so that what is wrong with a file is told there. */

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

/** Of certificates, keys and access logs. */
export function fileFieldsOf(resources: ResourceSet): FileField[] {
  const { gateways, destinationRules, bootstraps } = resources;
  const secrets = [...gateways, ...destinationRules].flatMap((resource) =>
    fieldsBelow(resource, ['spec'], resource.spec),
  );
  return [...secrets, ...bootstraps.slice(-1).flatMap(logFields)];
}

function logFields(bootstrap: ResourceSet['bootstraps'][number]): readonly FileField[] {
  const { accessLog, meshConfig = {} } = bootstrap.spec;
  const providers = (meshConfig.extensionProviders ?? []).map(
    ({ envoyFileAccessLog }, index) =>
      [
        ['spec', 'meshConfig', 'extensionProviders', index, 'envoyFileAccessLog', 'path'],
        envoyFileAccessLog?.path,
      ] as const,
  );
  const fields: readonly (readonly [path: Path, value: string | undefined])[] = [
    [['spec', 'accessLog', 'path'], accessLog?.path],
    [['spec', 'meshConfig', 'accessLogFile'], meshConfig.accessLogFile],
    ...providers,
  ];
  return fields.flatMap(([path, value = '']) =>
    value === '' ? [] : [fileField(bootstrap, path, value)],
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
