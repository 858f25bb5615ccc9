/** EndpointSlices for the Services of the manifests: a pod for each Deployment, on loopback. */

import type { ClusterKeys } from './cluster-keys.ts';
import type { EchoPod, EchoPods, EchoProtocol } from './echo-pods.ts';
import type { Manifest } from './manifests.ts';

type Labels = Readonly<Record<string, string>>;

interface Service {
  readonly selector?: Labels;
  readonly ports: readonly ServicePort[];
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number;
  readonly protocol?: string;
}

interface Deployment {
  readonly template: {
    readonly metadata: { readonly labels: Labels };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly volumes?: readonly Volume[];
    };
  };
}

interface Container {
  readonly env?: readonly { readonly name: string }[];
}

interface Volume {
  readonly secret?: { readonly secretName: string };
  readonly configMap?: { readonly name: string };
}

/** Services without a selector get the endpoints of this Deployment, as the suite gives them. */
const stock = 'infra-backend-v1';

/** The manifests with EndpointSlices in place of Deployments, and of those that are empty. */
export async function withEndpoints(
  manifests: readonly Manifest[],
  pods: EchoPods,
  keys: ClusterKeys,
): Promise<Manifest[]> {
  const made: Manifest[] = [];
  for (const service of manifests.filter(({ kind }) => kind === 'Service')) {
    const { selector, ports } = service.spec as Service;
    for (const deployment of manifests.filter(({ kind }) => kind === 'Deployment')) {
      if (deployment.metadata.namespace !== service.metadata.namespace) continue;
      const isBehind =
        selector === undefined
          ? deployment.metadata.name === stock
          : selects(selector, deployment.spec as Deployment);
      if (!isBehind) continue;
      made.push(await slice(service, ports, { deployment, pods, keys }));
    }
  }
  const replaced = ['Deployment', 'EndpointSlice'];
  return [...manifests.filter(({ kind }) => !replaced.includes(kind)), ...made];
}

function selects(selector: Labels, { template }: Deployment): boolean {
  const { labels } = template.metadata;
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

interface Behind {
  readonly deployment: Manifest;
  readonly pods: EchoPods;
  readonly keys: ClusterKeys;
}

async function slice(
  { metadata: { name, namespace = '' } }: Manifest,
  servicePorts: readonly ServicePort[],
  { deployment, pods, keys }: Behind,
): Promise<Manifest> {
  const pod = podOf(deployment, keys);
  const ports: { name: string; port: number }[] = [];
  for (const { name: portName = '', port, targetPort = port, protocol } of servicePorts) {
    const spoken = protocolOf(deployment.spec as Deployment, targetPort);
    if (protocol === 'UDP' || spoken === null) continue;
    ports.push({ name: portName, port: await pods.port(pod, spoken) });
  }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${pod.namespace}-${pod.name}`,
      namespace,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
  };
}

function podOf({ metadata, spec }: Manifest, keys: ClusterKeys): EchoPod {
  const { volumes = [] } = (spec as Deployment).template.spec;
  const secret = volumes.flatMap((volume) => volume.secret?.secretName ?? [])[0];
  const authority = volumes.flatMap((volume) => volume.configMap?.name ?? [])[0];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    certificate: keys.pairs.get(secret ?? '') ?? null,
    clientCa: keys.authorities.get(authority ?? '') ?? null,
  };
}

/** What the container speaks on a port; null: nothing that a test needs. */
function protocolOf({ template }: Deployment, port: number): EchoProtocol | null {
  const { containers, volumes = [] } = template.spec;
  const env = new Set(containers.flatMap((each) => (each.env ?? []).map(({ name }) => name)));
  const hasTls = volumes.some(({ secret }) => secret !== undefined);
  if (port === 8443) {
    if (!hasTls) return null;
    if (env.has('GRPC_ECHO_SERVER')) return 'grpcs';
    return env.has('TCP_ECHO_SERVER') ? 'tls' : 'https';
  }
  if (env.has('GRPC_ECHO_SERVER') || port === 7070) return 'grpc';
  if (env.has('TCP_ECHO_SERVER') || port === 9090) return 'tcp';
  if (port === 443) return null;
  return port === 3001 ? 'h2c' : 'http';
}
