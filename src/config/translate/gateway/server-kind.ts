/** What a Gateway server does with its connections: from its protocol and its TLS mode. */

import { err, ok, type Result } from '../../../base/result.ts';
import { isHttp, parseProtocol } from '../../registry/protocol.ts';
import type { GatewayServer } from '../../schema/gateway.ts';

export type ServerKind =
  /** Plain HTTP. */
  | 'http'
  | 'tcp'
  /** TLS ends here; HTTP in it. */
  | 'https'
  /** TLS ends here; anything in it. */
  | 'tls'
  /** TLS goes on to the endpoint. */
  | 'passthrough';

/** Why a server is not served. */
export interface UnservedServer {
  readonly field: 'port' | 'tls';
  readonly message: string;
  readonly hint: string;
}

export function serverKind({ port, tls }: GatewayServer): Result<ServerKind, UnservedServer> {
  const protocol = parseProtocol(port?.protocol);
  if (protocol === 'UDP' || protocol === 'UNSPECIFIED') {
    const { number, protocol: written = 'a port without a protocol' } = port ?? {};
    const message = `the server on port ${number} is left out: ${written} is not served`;
    const hint = 'HTTP, HTTPS, HTTP2, GRPC, TLS and TCP are';
    return err({ field: 'port', message, hint });
  }
  if (isHttp(protocol)) return ok('http');
  if (protocol === 'TCP') return ok('tcp');
  switch (tls?.mode ?? 'PASSTHROUGH') {
    case 'PASSTHROUGH':
      return ok('passthrough');
    case 'AUTO_PASSTHROUGH':
      return err({
        field: 'tls',
        message: `the server on port ${port?.number} is left out: AUTO_PASSTHROUGH is not served`,
        hint: 'it joins the meshes of clusters; for other uses there is PASSTHROUGH with tls rules',
      });
    default:
      return ok(protocol === 'HTTPS' ? 'https' : 'tls');
  }
}
