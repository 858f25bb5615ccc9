/** What is spoken with the endpoints of a port: Istio's protocols, upgrade policy and client protocol. */

import type { UpstreamProtocol } from '../../../model/cluster.ts';
import type { Protocol } from '../../registry/protocol.ts';
import type { ConnectionPoolSettings } from '../../schema/connection-pool.ts';

/** Where the port alone decides, as towards a local application. */
export function protocolOfPort(port: Protocol): UpstreamProtocol {
  return port === 'HTTP2' || port === 'GRPC' || port === 'GRPC_WEB' ? 'http2' : 'http1';
}

/** `upgradeByMesh`: meshConfig.h2UpgradePolicy is UPGRADE. */
export function upstreamProtocol(
  port: Protocol,
  pool: ConnectionPoolSettings | undefined,
  upgradeByMesh: boolean,
): UpstreamProtocol {
  const http = pool?.http;
  if (http?.useClientProtocol === true) return 'downstream';
  switch (http?.h2UpgradePolicy) {
    case 'UPGRADE':
      return 'http2';
    case 'DO_NOT_UPGRADE':
      return protocolOfPort(port);
    default:
      // The mesh upgrades only where HTTP is declared: what is detected may be anything.
      return upgradeByMesh && port === 'HTTP' ? 'http2' : protocolOfPort(port);
  }
}
