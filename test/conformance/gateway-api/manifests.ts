/** The manifests of the conformance tests, with what its suite fills in. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // Whatever the kind has: it is read where it is needed.
  readonly [field: string]: unknown;
}

export const infraNamespace = 'gateway-conformance-infra';
export const meshNamespace = 'gateway-conformance-mesh';

/** The names that the manifests leave open. */
const names: Readonly<Record<string, string>> = {
  GATEWAY_CLASS_NAME: 'sluice',
  GATEWAY_CONTROLLER_NAME: 'sluice.dev/gateway-controller',
};

/** `files` are named from the folder of the manifests. */
export function readManifests(folder: string, files: readonly string[]): Manifest[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, 'manifests', file), 'utf8');
    const filled = text.replaceAll(/\{([A-Z_]+)\}/g, (all, name: string) => names[name] ?? all);
    const documents = parseAllDocuments(filled);
    return documents.flatMap((each) => (each.toJS() as Manifest | null) ?? []);
  });
}

/** What a mesh has before the tests: two versions of one application, called from two namespaces. */
export function meshBase(): Manifest[] {
  const consumer = `${meshNamespace}-consumer`;
  return [
    namespace(meshNamespace, 'mesh'),
    namespace(consumer, 'mesh-consumer'),
    ...['v1', 'v2'].map((version) => echoDeployment(meshNamespace, version)),
    echoDeployment(consumer, 'v1'),
    echoService('echo', { app: 'echo' }),
    ...['v1', 'v2'].map((version) => echoService(`echo-${version}`, { app: 'echo', version })),
  ];
}

function namespace(name: string, label: string): Manifest {
  const labels = { 'gateway-conformance': label };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function echoDeployment(namespace: string, version: string): Manifest {
  const labels = { app: 'echo', version };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `echo-${version}`, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'echo', image: 'echo' }] } },
    },
  };
}

function echoService(name: string, selector: Readonly<Record<string, string>>): Manifest {
  const ports = [
    { name: 'http', port: 80, appProtocol: 'http' },
    { name: 'http-alt', port: 8080, appProtocol: 'http' },
    { name: 'tcp', port: 9090 },
    { name: 'grpc', port: 7070, appProtocol: 'grpc' },
  ];
  const metadata = { name, namespace: meshNamespace };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports } };
}
