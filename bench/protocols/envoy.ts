/** Envoy with one worker, no access log, and one route to one cluster. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loopbackAddress } from '../support/envoy-address.ts';
import { findCommand } from '../support/find-command.ts';
import {
  adminPort,
  type Certificate,
  type ProtocolPeer,
  type ProtocolRow,
  proxyPort,
} from './protocol.ts';

const types = 'type.googleapis.com/envoy.extensions';

export const envoyPeer: ProtocolPeer = {
  name: 'envoy',
  prepare: (folder, row, certificate) => {
    const envoy = findCommand('envoy');
    if (envoy === null) return null;
    const file = join(folder, `envoy-${row.protocol}.json`);
    writeFileSync(file, JSON.stringify(envoyConfig(row, certificate), null, 2));
    return [envoy, '-c', file, '--concurrency', '1', '-l', 'error', '--disable-hot-restart'];
  },
};

function envoyConfig(row: ProtocolRow, certificate: Certificate): unknown {
  const tls = row.isTls ? { transport_socket: downstreamTls(certificate) } : {};
  const listener = {
    name: 'shop',
    address: loopbackAddress(proxyPort),
    filter_chains: [{ filters: [connectionManager()], ...tls }],
  };
  return {
    admin: { address: loopbackAddress(adminPort) },
    static_resources: { listeners: [listener], clusters: [cluster(row)] },
  };
}

function connectionManager(): unknown {
  const route = { match: { prefix: '/' }, route: { cluster: 'shop', timeout: '0s' } };
  const virtualHost = { name: 'shop', domains: ['*'], routes: [route] };
  const router = { '@type': `${types}.filters.http.router.v3.Router` };
  return {
    name: 'http_connection_manager',
    typed_config: {
      '@type': `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'shop',
      use_remote_address: true,
      generate_request_id: true,
      normalize_path: true,
      route_config: { virtual_hosts: [virtualHost] },
      http_filters: [{ name: 'router', typed_config: router }],
    },
  };
}

function downstreamTls({ certificate, key }: Certificate): unknown {
  const pair = { certificate_chain: { filename: certificate }, private_key: { filename: key } };
  return {
    name: 'tls',
    typed_config: {
      '@type': `${types}.transport_sockets.tls.v3.DownstreamTlsContext`,
      common_tls_context: { tls_certificates: [pair], alpn_protocols: ['h2', 'http/1.1'] },
    },
  };
}

function cluster(row: ProtocolRow): unknown {
  const options = {
    '@type': `${types}.upstreams.http.v3.HttpProtocolOptions`,
    explicit_http_config: { http2_protocol_options: {} },
  };
  const endpoints = row.endpointPorts.map((port) => ({
    endpoint: { address: loopbackAddress(port) },
  }));
  return {
    name: 'shop',
    type: 'STATIC',
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    load_assignment: { cluster_name: 'shop', endpoints: [{ lb_endpoints: endpoints }] },
    ...(row.isHttp2Upstream
      ? { typed_extension_protocol_options: { [httpOptions]: options } }
      : {}),
  };
}

const httpOptions = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
