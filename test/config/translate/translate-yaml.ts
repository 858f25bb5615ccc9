/** Translates YAML written in a test, and shows the result in a form that fits into a table. */

import t from 'tap';
import type { MeshSettings, ProxySettings } from '../../../src/config/proxy-settings.ts';
import type { ResourceSet } from '../../../src/config/resource-set.ts';
import { mergeMeshSettings } from '../../../src/config/settings/mesh-settings.ts';
import { type Translation, translateMesh } from '../../../src/config/translate/mesh.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { defaultOverload } from '../../../src/model/overload-settings.ts';
import type { ForwardAction, Route } from '../../../src/model/route.ts';
import { loadResources } from '../../support/load-resources.ts';

/** Istio's defaults. */
export const meshSettings: MeshSettings = mergeMeshSettings({});

/** A sidecar of `app: client` in `default` with one listener for service port 80. */
export const sidecar: ProxySettings = {
  identity: {
    namespace: 'default',
    labels: { app: 'client' },
    locality: { region: '', zone: '', subzone: '' },
    workload: 'client',
  },
  selectorsApply: true,
  outbound: [{ address: '127.0.0.1', port: 15001, servicePort: 80 }],
  inbound: [],
  gatewayBind: '127.0.0.1',
  gatewayPorts: {},
  firstBindablePort: 1024,
  proxyProtocolPorts: [],
  localTls: false,
  identityFolder: null,
  workloads: new Map(),
  mesh: meshSettings,
  internalAddresses: null,
  healthChecks: [],
  limits: defaultLimits,
  connectionLimits: {},
  overload: defaultOverload,
  accessLog: { source: 'mesh', file: null, format: { encoding: 'text', format: null } },
  tracing: null,
};

/** A gateway with label `istio: ingressgateway`. */
export const gateway: ProxySettings = {
  ...sidecar,
  identity: {
    ...sidecar.identity,
    namespace: 'istio-system',
    labels: { istio: 'ingressgateway' },
  },
  outbound: [],
};

/** The test fails if the YAML itself has an error. */
export function load(yaml: string): ResourceSet {
  const { resources, findings } = loadResources([{ path: 'test.yaml', text: yaml }]);
  const errors = findings.filter(({ severity }) => severity === 'error');
  t.strictSame(errors, [], 'the YAML of the test is right');
  return resources;
}

export function translate(yaml: string, settings: ProxySettings = sidecar): Translation {
  return translateMesh(load(yaml), settings);
}

/** `virtual host name: domain domain …` for each virtual host of a table. */
export function domains({ mesh }: Translation, table = '80'): string[] {
  const found = mesh.routeTables.find(({ name }) => name === table);
  return (found?.virtualHosts ?? []).map((host) => `${host.name}: ${host.domains.join(' ')}`);
}

/** The routes of the virtual host that has a domain; null if there is none. */
export function routes({ mesh }: Translation, domain: string, table = '80'): Route[] | null {
  const found = mesh.routeTables.find(({ name }) => name === table);
  const host = found?.virtualHosts.find((candidate) => candidate.domains.includes(domain));
  return host === undefined ? null : [...host.routes];
}

/** `name: path -> cluster` of each route. */
export function summaries(translation: Translation, domain: string, table = '80'): string[] {
  return (routes(translation, domain, table) ?? []).map(summarize);
}

function summarize({ name, match, action }: Route): string {
  const path = `${match.path.kind} ${match.path.value}`;
  if (action.kind !== 'forward') return `${name}: ${path} -> ${action.kind} ${action.status}`;
  const clusters = action.clusters.map(({ cluster, weight }) => `${cluster} (${weight})`);
  return `${name}: ${path} -> ${clusters.join(', ')}`;
}

/** The action of the only route, which forwards. */
export function forward(translation: Translation, domain = 'a'): ForwardAction {
  const [route, ...others] = routes(translation, domain) ?? [];
  t.same(others.length, 0, 'there is one route');
  if (route?.action.kind !== 'forward') throw new Error('the route does not forward');
  return route.action;
}

export function cluster({ mesh }: Translation, name: string): Cluster {
  const found = mesh.clusters.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no cluster ${name}`);
  return found;
}

/** `address:port` of a cluster's endpoints. */
export function addresses(translation: Translation, name: string): string[] {
  return cluster(translation, name).endpoints.map(({ address, port }) => `${address}:${port}`);
}

/** `line code` of each finding. */
export function findingPlaces({ findings }: Translation): string[] {
  return findings.map(({ line, code }) => `${line} ${code}`);
}

/** A service with one endpoint on port 9000, as it is called in the mesh. */
export function service(name: string, namespace = 'default', port = 80): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: [${name}.${namespace}.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: ${port}, name: http, protocol: HTTP, targetPort: 9000}]
  endpoints: [{address: 10.1.0.1, labels: {version: v1}}]
`;
}

/** `spec` is the body in flow style or indented by two. */
export function resource(kind: string, name: string, spec: string): string {
  const [namespace = 'default', ...rest] = name.includes('/') ? name.split('/') : ['default', name];
  return `---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${rest.join('/')}, namespace: ${namespace}}
spec: ${spec}
`;
}
