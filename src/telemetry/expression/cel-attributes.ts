/**
 * The attributes of an exchange as CEL values, each worked out when an expression reads it
 * (Envoy source/extensions/filters/common/expr/context.cc). undefined is what is not there.
 */

import { unicodeFromWire } from '../../base/wire-text.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { attributeNames, certificateAttributes } from '../../model/attributes.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { envoyResponseFlags } from '../format/envoy-flags.ts';
import { requestHeaderBytes, responseHeaderBytes, trailerBytes } from '../format/header-bytes.ts';
import { grpcStatusOf } from '../grpc-status.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { TlsInfo } from '../tls-info.ts';
import { HeaderMap } from './cel-header-map.ts';

/** What readers need beside the exchange. */
export interface Evaluation {
  /** How the library wants spans of time. */
  duration(milliseconds: number): object;
  /** The value is shown: headers with credentials are `<redacted>`. */
  readonly hidesSecrets: boolean;
}

type Reader = (info: StreamInfo, evaluation: Evaluation) => unknown;
type Readers<Name extends keyof typeof attributeNames> = Readonly<
  Record<(typeof attributeNames)[Name][number], Reader>
>;

function text(wire: string | null | undefined): string | undefined {
  return wire === null || wire === undefined || wire === '' ? undefined : unicodeFromWire(wire);
}

/** CEL's int. */
function int(value: number): bigint {
  return BigInt(Math.trunc(value));
}

function header(headers: HeaderList | null, name: string): string | undefined {
  return text(headers?.get(name));
}

function portOf(address: string | null): bigint | undefined {
  if (address === null || address === '') return undefined;
  return int(Number(address.slice(address.lastIndexOf(':') + 1)));
}

/** Two moments; 0 for one that has not been. */
function span(evaluation: Evaluation, from: number, to: number): object | undefined {
  return from === 0 || to === 0 ? undefined : evaluation.duration(Math.max(0, to - from));
}

/** What the client sends says more than what was read of it. */
function requestSize(info: StreamInfo): bigint | undefined {
  const length = info.requestHeaders?.get('content-length');
  if (length === undefined) return int(info.bytesReceived);
  return /^\d{1,15}$/.test(length) ? BigInt(length) : undefined;
}

const request: Readers<'request'> = {
  path: (info) => text(info.path),
  url_path: (info) => text(info.path.split('?', 1)[0]),
  query: ({ path }) => unicodeFromWire(/^[^?]*\?([^#]*)/.exec(path)?.[1] ?? ''),
  host: (info) => text(info.authority),
  scheme: (info) => (info.authority === '' ? undefined : info.scheme),
  method: (info) => text(info.method),
  protocol: (info) => text(info.protocol),
  headers: (info, { hidesSecrets }) =>
    new HeaderMap(requestPseudoHeaders(info), info.requestHeaders, hidesSecrets),
  headers_bytes: (info) => int(requestHeaderBytes(info)),
  referer: (info) => header(info.requestHeaders, 'referer'),
  useragent: (info) => header(info.requestHeaders, 'user-agent'),
  id: (info) => text(info.requestId) ?? header(info.requestHeaders, 'x-request-id'),
  time: (info) => new Date(info.startedWall),
  duration: (info, evaluation) => span(evaluation, info.startedAt, info.endedAt),
  size: requestSize,
  total_size: (info) => int(info.bytesReceived + requestHeaderBytes(info)),
};

const response: Readers<'response'> = {
  code: (info) => (info.status === 0 ? undefined : int(info.status)),
  code_details: (info) => text(info.details),
  flags: (info) => int(envoyResponseFlags(info.responseFlags)),
  grpc_status: (info) => {
    const status = grpcStatusOf(info.grpcStatus, info.status);
    return status === null ? undefined : int(status);
  },
  headers: (info, { hidesSecrets }) =>
    new HeaderMap(responsePseudoHeaders(info), info.responseHeaders, hidesSecrets),
  headers_bytes: (info) => int(responseHeaderBytes(info)),
  trailers: (info, { hidesSecrets }) => new HeaderMap([], info.responseTrailers, hidesSecrets),
  size: (info) => int(info.bytesSent),
  total_size: (info) => int(info.bytesSent + responseHeaderBytes(info) + trailerBytes(info)),
  // Envoy counts from the first byte sent, which is the same for a request without a body.
  backend_latency: (info, evaluation) =>
    span(evaluation, info.upstreamRequestEndAt, info.upstreamEndAt),
};

/** Of both sides: the certificate shown to the client or the endpoint is the local one. */
function certificateReaders(
  tlsOf: (info: StreamInfo) => TlsInfo | null,
): Record<(typeof certificateAttributes)[number], Reader> {
  return {
    tls_version: (info) => text(tlsOf(info)?.version),
    subject_local_certificate: (info) => tlsOf(info)?.local?.subject,
    subject_peer_certificate: (info) => tlsOf(info)?.peer?.subject,
    uri_san_local_certificate: (info) => tlsOf(info)?.local?.uris[0],
    uri_san_peer_certificate: (info) => tlsOf(info)?.peer?.uris[0],
    dns_san_local_certificate: (info) => tlsOf(info)?.local?.dnsNames[0],
    dns_san_peer_certificate: (info) => tlsOf(info)?.peer?.dnsNames[0],
    sha256_peer_certificate_digest: (info) => tlsOf(info)?.peer?.sha256,
  };
}

const connection: Readers<'connection'> = {
  id: (info) => int(info.connectionId),
  mtls: (info) => (info.tls?.peer ?? null) !== null,
  requested_server_name: (info) => info.requestedServerName ?? '',
  termination_details: () => undefined,
  transport_failure_reason: () => undefined,
  ...certificateReaders((info) => info.tls),
};

const source: Readers<'source'> = {
  address: (info) => text(info.downstreamRemoteAddress),
  port: (info) => portOf(info.downstreamRemoteAddress),
};

const destination: Readers<'destination'> = {
  address: (info) => text(info.downstreamLocalAddress),
  port: (info) => portOf(info.downstreamLocalAddress),
};

const upstream: Readers<'upstream'> = {
  address: (info) => text(info.upstreamAddress),
  port: (info) => portOf(info.upstreamAddress),
  local_address: (info) => text(info.upstreamLocalAddress),
  locality: ({ endpoint }) => (endpoint === null ? undefined : localityOf(endpoint)),
  transport_failure_reason: (info) => info.upstreamTransportFailure ?? '',
  request_attempt_count: (info) => int(info.attempts),
  cx_pool_ready_duration: () => undefined,
  num_endpoints: ({ cluster }) => (cluster === null ? undefined : int(cluster.endpoints.length)),
  ...certificateReaders((info) => info.upstreamTls),
};

const xds: Readers<'xds'> = {
  cluster_name: (info) => info.cluster?.name,
  cluster_metadata: ({ cluster }) => (cluster === null ? undefined : clusterMetadata(cluster)),
  route_name: (info) => info.routeName,
  route_metadata: () => undefined,
  virtual_host_name: (info) => text(info.virtualHostName),
  virtual_host_metadata: () => undefined,
  upstream_host_metadata: ({ endpoint }) =>
    endpoint === null ? undefined : endpointMetadata(endpoint),
  upstream_host_locality_metadata: () => undefined,
  filter_chain_name: (info) => info.filterChainName,
  listener_metadata: () => undefined,
  // Envoy's TrafficDirection; the listeners of a gateway are outbound ones.
  listener_direction: (info) => (info.listener.direction === 'inbound' ? 1n : 2n),
  node: () => undefined,
};

function localityOf({ locality }: Endpoint): object {
  return { region: locality.region, zone: locality.zone, sub_zone: locality.subzone };
}

/** What Istio tells Envoy of a cluster. */
function clusterMetadata({ service }: Cluster): object {
  if (service === null) return { filter_metadata: {} };
  const { host, name, namespace } = service;
  return { filter_metadata: { istio: { services: [{ host, name, namespace }] } } };
}

/** What Istio tells Envoy of an endpoint. */
function endpointMetadata({ workload }: Endpoint): object {
  if (workload === null) return { filter_metadata: {} };
  const { name, namespace, canonicalName, canonicalRevision } = workload;
  const fields = [name, namespace, canonicalName, canonicalRevision, 'Kubernetes'];
  return { filter_metadata: { istio: { workload: fields.join(';') } } };
}

function requestPseudoHeaders({ method, path, authority, scheme }: StreamInfo): string[] {
  if (authority === '') return [];
  return [':method', method, ':path', path, ':authority', authority, ':scheme', scheme];
}

function responsePseudoHeaders({ status }: StreamInfo): string[] {
  return status === 0 ? [] : [':status', String(status)];
}

type AttributeType = new (info: StreamInfo, evaluation: Evaluation) => object;

/** A class that reads an attribute when the property of its name is read. */
function attributeType(readers: Readonly<Record<string, Reader>>): AttributeType {
  class Attributes {
    readonly info: StreamInfo;
    readonly evaluation: Evaluation;

    constructor(info: StreamInfo, evaluation: Evaluation) {
      this.info = info;
      this.evaluation = evaluation;
    }
  }
  for (const [name, read] of Object.entries(readers)) {
    Object.defineProperty(Attributes.prototype, name, {
      get(this: Attributes) {
        return read(this.info, this.evaluation);
      },
    });
  }
  return Attributes;
}

export const attributeTypes = {
  request: attributeType(request),
  response: attributeType(response),
  connection: attributeType(connection),
  source: attributeType(source),
  destination: attributeType(destination),
  upstream: attributeType(upstream),
  xds: attributeType(xds),
} as const satisfies Record<keyof typeof attributeNames, AttributeType>;
