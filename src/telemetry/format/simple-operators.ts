/**
 * Envoy's format operators without arguments. Each yields a number where Envoy's JSON shows one,
 * and null where nothing is known, which is printed as `-`.
 */

import { nodeCrypto } from '../../base/node-crypto.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import { formatResponseFlags, formatResponseFlagsLong } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import { addressOperators } from './address-operators.ts';
import { requestHeaderBytes, responseHeaderBytes, trailerBytes } from './header-bytes.ts';
import type { Operator } from './operator.ts';
import { tlsOperators } from './tls-operators.ts';

/** Operators of Envoy for things that this proxy does not have: always unset, never an error. */
export const unsupportedOperators: readonly string[] = [
  ...['CONNECTION_TERMINATION_DETAILS', 'DOWNSTREAM_TRANSPORT_FAILURE_REASON'],
  ...['DOWNSTREAM_LOCAL_CLOSE_REASON', 'DOWNSTREAM_DETECTED_CLOSE_TYPE'],
  ...['UPSTREAM_LOCAL_CLOSE_REASON', 'UPSTREAM_DETECTED_CLOSE_TYPE'],
  ...['UPSTREAM_CONNECTION_ID', 'UPSTREAM_CONNECTION_IDS_ATTEMPTED'],
  ...['UPSTREAM_CONNECTION_POOL_READY_DURATION', 'DOWNSTREAM_HANDSHAKE_DURATION'],
  ...['ROUNDTRIP_DURATION', 'UPSTREAM_SERVER_NAME', 'UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID'],
  ...['DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID', 'DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID'],
  ...['DOWNSTREAM_TLS_SESSION_ID', 'UPSTREAM_TLS_SESSION_ID'],
  ...['DOWNSTREAM_TLS_GROUP', 'UPSTREAM_TLS_GROUP'],
  ...['DOWNSTREAM_LOCAL_OTHERNAME_SAN', 'DOWNSTREAM_PEER_OTHERNAME_SAN'],
  ...['DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256', 'DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1'],
  ...['DOWNSTREAM_PEER_CHAIN_SERIALS', 'DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256'],
  ...['DOWNSTREAM_PEER_ISSUER_SERIAL', 'TLS_JA3_FINGERPRINT', 'TLS_JA4_FINGERPRINT'],
  ...['UPSTREAM_HEADER_BYTES_SENT', 'UPSTREAM_HEADER_BYTES_RECEIVED'],
  ...['UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT', 'UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED'],
  ...['DOWNSTREAM_HEADER_BYTES_SENT', 'DOWNSTREAM_HEADER_BYTES_RECEIVED'],
  'DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT',
  'DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED',
  ...['VIRTUAL_CLUSTER_NAME', 'DYNAMIC_METADATA', 'CLUSTER_METADATA'],
  ...['UPSTREAM_METADATA', 'METADATA', 'FILTER_STATE', 'UPSTREAM_FILTER_STATE'],
];

/** Operators of what the proxy itself writes, which JSON can hold as it is. */
export const plainOperators: readonly string[] = [
  ...['PROTOCOL', 'RESPONSE_FLAGS', 'UPSTREAM_HOST', 'UPSTREAM_LOCAL_ADDRESS'],
  ...['DOWNSTREAM_LOCAL_ADDRESS', 'DOWNSTREAM_REMOTE_ADDRESS'],
];

function orUnset(text: string): string | null {
  return text === '' ? null : text;
}

/** `to` is 0 for what has not happened. */
function elapsedMs(from: number, to: number): number | null {
  return to === 0 ? null : Math.max(0, Math.floor(to - from));
}

/** Of a TCP connection all bytes; of a stream of HTTP nobody counts its share of framing. */
function wireBytes(bytesOf: (info: StreamInfo) => number): Operator {
  return (info) => (info.protocol === '' ? bytesOf(info) : null);
}

export const simpleOperators: Readonly<Record<string, Operator>> = {
  PROTOCOL: (info) => orUnset(info.protocol),
  UPSTREAM_PROTOCOL: (info) =>
    info.upstreamLocalAddress === null ? null : orUnset(info.upstreamProtocol),
  RESPONSE_CODE: (info) => info.status,
  RESPONSE_FLAGS: (info) => formatResponseFlags(info.responseFlags),
  RESPONSE_FLAGS_LONG: (info) => formatResponseFlagsLong(info.responseFlags),
  // Without blanks, so that a text line keeps its columns.
  UPSTREAM_TRANSPORT_FAILURE_REASON: (info) =>
    info.upstreamTransportFailure?.replaceAll(' ', '_') ?? null,

  BYTES_RECEIVED: (info) => info.bytesReceived,
  BYTES_SENT: (info) => info.bytesSent,
  // Of QUIC alone.
  BYTES_RETRANSMITTED: () => 0,
  PACKETS_RETRANSMITTED: () => 0,
  UPSTREAM_WIRE_BYTES_SENT: wireBytes((info) => info.bytesReceived),
  UPSTREAM_WIRE_BYTES_RECEIVED: wireBytes((info) => info.bytesSent),
  DOWNSTREAM_WIRE_BYTES_SENT: wireBytes((info) => info.bytesSent),
  DOWNSTREAM_WIRE_BYTES_RECEIVED: wireBytes((info) => info.bytesReceived),
  REQUEST_HEADERS_BYTES: requestHeaderBytes,
  RESPONSE_HEADERS_BYTES: responseHeaderBytes,
  RESPONSE_TRAILERS_BYTES: trailerBytes,

  DURATION: (info) => elapsedMs(info.startedAt, info.endedAt),
  REQUEST_DURATION: (info) => elapsedMs(info.startedAt, info.requestEndAt),
  REQUEST_TX_DURATION: (info) => elapsedMs(info.startedAt, info.upstreamRequestEndAt),
  RESPONSE_DURATION: (info) => elapsedMs(info.startedAt, info.upstreamHeadAt),
  RESPONSE_TX_DURATION: (info) =>
    info.upstreamHeadAt === 0 ? null : elapsedMs(info.upstreamHeadAt, info.responseEndAt),

  // Istio gives each cluster its own name with a `;` behind it as statistics name.
  UPSTREAM_CLUSTER: (info) => (info.cluster === null ? null : `${info.cluster.name};`),
  UPSTREAM_CLUSTER_RAW: (info) => (info.cluster === null ? null : info.cluster.name),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: (info) => info.attempts,

  ...addressOperators,
  CONNECTION_ID: (info) => info.connectionId,
  ...tlsOperators,

  ROUTE_NAME: (info) => (info.routeName === '' ? null : wireFromUnicode(info.routeName)),
  GRPC_STATUS_NUMBER: (info) => info.grpcStatus,
  STREAM_ID: (info) => info.requestId,
  TRACE_ID: (info) => info.traceId,
  SPAN_ID: (info) => info.spans?.context.spanId ?? null,
  FILTER_CHAIN_NAME: (info) => orUnset(info.filterChainName),
  LOCAL_REPLY_BODY: (info) => orUnset(info.localReplyBody),
  // Nothing sets any.
  CUSTOM_FLAGS: () => '',
  UNIQUE_ID: () => nodeCrypto().randomUUID(),
  // All that is ever logged is the end.
  ACCESS_LOG_TYPE: (info) => (info.protocol === '' ? 'TcpConnectionEnd' : 'DownstreamEnd'),
};
