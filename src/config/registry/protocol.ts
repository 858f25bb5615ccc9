/** What is spoken on the port of a service, from its declared protocol or its name. */

export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'GRPC'
  | 'HTTPS'
  | 'TLS'
  | 'TCP'
  | 'UDP'
  /** Not declared: Istio detects HTTP by its first bytes. */
  | 'UNSPECIFIED';

const protocols: Readonly<Record<string, Protocol>> = {
  http: 'HTTP',
  http_proxy: 'HTTP',
  http2: 'HTTP2',
  grpc: 'GRPC',
  'grpc-web': 'GRPC',
  https: 'HTTPS',
  tls: 'TLS',
  tcp: 'TCP',
  udp: 'UDP',
  mongo: 'TCP',
  mysql: 'TCP',
  redis: 'TCP',
  // Names that Kubernetes defines for appProtocol.
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

/**
 * Ports where the server speaks first, so that nothing can be detected (SMTP, DNS, MySQL, MongoDB).
 */
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** A ServiceEntry or Gateway port's `protocol`. */
export function parseProtocol(text: string | undefined): Protocol {
  return protocols[(text ?? '').toLowerCase()] ?? 'UNSPECIFIED';
}

export interface KubernetesPort {
  readonly port: number;
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}

/** `appProtocol` wins over the name's prefix, as in Istio's kube/conversion.go. */
export function kubernetesProtocol(port: KubernetesPort): Protocol {
  if (port.protocol === 'UDP' || port.protocol === 'SCTP') return 'UDP';
  const declared = protocols[(port.appProtocol ?? '').toLowerCase()];
  if (declared !== undefined) return declared;
  const name = (port.name ?? '').toLowerCase();
  if (name === 'grpc-web' || name.startsWith('grpc-web-')) return 'GRPC';
  const dash = name.indexOf('-');
  const byName = protocols[dash === -1 ? name : name.slice(0, dash)];
  if (byName !== undefined) return byName;
  return serverFirstPorts.has(port.port) ? 'TCP' : 'UNSPECIFIED';
}

/** Whether requests on the port are routed as HTTP. */
export function isHttp(protocol: Protocol): boolean {
  return (
    protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'UNSPECIFIED'
  );
}
