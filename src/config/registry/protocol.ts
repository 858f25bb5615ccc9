/** What is spoken on the port of a service, from its declared protocol or its name. */

export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'GRPC'
  | 'GRPC_WEB'
  | 'HTTPS'
  | 'TLS'
  | 'TCP'
  | 'UDP'
  /** Not declared: Istio detects HTTP by its first bytes. */
  | 'UNSPECIFIED';

const protocols: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['http', 'HTTP'],
  ['http_proxy', 'HTTP'],
  ['http2', 'HTTP2'],
  ['grpc', 'GRPC'],
  ['grpc-web', 'GRPC_WEB'],
  ['https', 'HTTPS'],
  ['tls', 'TLS'],
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['mongo', 'TCP'],
  ['mysql', 'TCP'],
  ['redis', 'TCP'],
]);

/**
 * Ports where the server speaks first, so that nothing can be detected (SMTP, DNS, MySQL, MongoDB).
 */
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** A ServiceEntry or Gateway port's `protocol`. */
export function parseProtocol(text: string | undefined): Protocol {
  return protocols.get((text ?? '').toLowerCase()) ?? 'UNSPECIFIED';
}

export interface KubernetesPort {
  readonly port: number;
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}

/** Names that Kubernetes defines for appProtocol; no port can be named like them. */
const standardNames: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);

/**
 * Of `appProtocol`, or else of the name, what stands before the first dash counts (Istio's
 * ConvertProtocol). An appProtocol that says nothing hides the name all the same.
 */
export function kubernetesProtocol(port: KubernetesPort): Protocol {
  if (port.protocol === 'UDP' || port.protocol === 'SCTP') return 'UDP';
  const standard = standardNames.get(port.appProtocol ?? '');
  if (standard !== undefined) return standard;
  const name = (port.appProtocol ?? port.name ?? '').toLowerCase();
  if (name.startsWith('grpc-web')) return 'GRPC_WEB';
  const dash = name.indexOf('-');
  const protocol = parseProtocol(dash === -1 ? name : name.slice(0, dash));
  return protocol === 'UNSPECIFIED' && serverFirstPorts.has(port.port) ? 'TCP' : protocol;
}

/** Whether requests on the port are routed as HTTP. */
export function isHttp(protocol: Protocol): boolean {
  return isDeclaredHttp(protocol) || protocol === 'UNSPECIFIED';
}

/** HTTP is declared: what is not HTTP there is for nobody. */
export function isDeclaredHttp(protocol: Protocol): boolean {
  return (
    protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC_WEB'
  );
}
