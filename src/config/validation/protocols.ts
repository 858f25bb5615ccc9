/** Protocols of ports, by Istio's names in any case. */

const protocols = new Set([
  'http',
  'http_proxy',
  'http2',
  'grpc',
  'grpc-web',
  'grpc-web-native',
  'https',
  'tls',
  'tcp',
  'udp',
  'mongo',
  'redis',
  'mysql',
  'hbone',
  'double_hbone',
]);

export function isProtocol(text: string): boolean {
  return protocols.has(text.toLowerCase());
}

export function isHttpProtocol(text: string | undefined): boolean {
  return ['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'].includes((text ?? '').toLowerCase());
}

/** The proxy looks at the server name of such connections. */
export function isTlsProtocol(text: string | undefined): boolean {
  return ['https', 'tls'].includes((text ?? '').toLowerCase());
}
