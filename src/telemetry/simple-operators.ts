/**
 * Envoy's format operators without arguments. Each yields a number where Envoy's JSON shows one,
 * and null where nothing is known, which is printed as `-`.
 */

import { wireFromUnicode } from '../base/wire-text.ts';
import { requestHeaderBytes, responseHeaderBytes, trailerBytes } from './header-bytes.ts';
import { formatResponseFlags, formatResponseFlagsLong } from './response-flags.ts';
import type { StreamInfo } from './stream-info.ts';
import { tlsOperators } from './tls-operators.ts';

export type FormatValue = string | number | null;
export type Operator = (info: StreamInfo) => FormatValue;

/** Operators of Envoy for things that this proxy does not have: always unset, never an error. */
export const unsupportedOperators: readonly string[] = [
  'CONNECTION_TERMINATION_DETAILS',
  'DOWNSTREAM_TRANSPORT_FAILURE_REASON',
  'DOWNSTREAM_TLS_SESSION_ID',
  'UPSTREAM_PEER_SUBJECT',
  'UPSTREAM_PEER_ISSUER',
  'UPSTREAM_PEER_CERT',
  'UPSTREAM_TLS_VERSION',
  'UPSTREAM_TLS_CIPHER',
  'UPSTREAM_CONNECTION_ID',
  'DOWNSTREAM_LOCAL_CLOSE_REASON',
  'TLS_JA3_FINGERPRINT',
  'TLS_JA4_FINGERPRINT',
  'CUSTOM_FLAGS',
  'LOCAL_REPLY_BODY',
  'FILTER_CHAIN_NAME',
  'VIRTUAL_CLUSTER_NAME',
  'DYNAMIC_METADATA',
  'CLUSTER_METADATA',
  'UPSTREAM_METADATA',
  'FILTER_STATE',
  'UPSTREAM_FILTER_STATE',
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

/** `1.2.3.4:80` and `[::1]:80` without the port, and without the brackets. */
function withoutPort(address: string | null): string | null {
  if (address === null || address === '') return null;
  const host = address.slice(0, address.lastIndexOf(':'));
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

function portOf(address: string | null): number | null {
  if (address === null || address === '') return null;
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function directRemoteAddress(info: StreamInfo): string {
  return info.downstreamDirectRemoteAddress || info.downstreamRemoteAddress;
}

/** The endpoint is known when it is chosen; a remote address needs a connection. */
function connectedAddress(info: StreamInfo): string | null {
  return info.upstreamLocalAddress === null ? null : info.upstreamAddress;
}

export const simpleOperators: Readonly<Record<string, Operator>> = {
  PROTOCOL: (info) => orUnset(info.protocol),
  UPSTREAM_PROTOCOL: (info) =>
    info.upstreamLocalAddress === null ? null : orUnset(info.upstreamProtocol),
  RESPONSE_CODE: (info) => info.status,
  RESPONSE_CODE_DETAILS: (info) => orUnset(info.details),
  RESPONSE_FLAGS: (info) => formatResponseFlags(info.responseFlags),
  RESPONSE_FLAGS_LONG: (info) => formatResponseFlagsLong(info.responseFlags),
  // Without blanks, so that a text line keeps its columns.
  UPSTREAM_TRANSPORT_FAILURE_REASON: (info) =>
    info.upstreamTransportFailure?.replaceAll(' ', '_') ?? null,

  BYTES_RECEIVED: (info) => info.bytesReceived,
  BYTES_SENT: (info) => info.bytesSent,
  REQUEST_HEADERS_BYTES: requestHeaderBytes,
  RESPONSE_HEADERS_BYTES: responseHeaderBytes,
  RESPONSE_TRAILERS_BYTES: trailerBytes,

  DURATION: (info) => elapsedMs(info.startedAt, info.endedAt),
  REQUEST_DURATION: (info) => elapsedMs(info.startedAt, info.requestEndAt),
  RESPONSE_DURATION: (info) => elapsedMs(info.startedAt, info.upstreamHeadAt),
  RESPONSE_TX_DURATION: (info) =>
    info.upstreamHeadAt === 0 ? null : elapsedMs(info.upstreamHeadAt, info.responseEndAt),

  UPSTREAM_HOST: (info) => info.upstreamAddress,
  UPSTREAM_HOST_NAME: (info) => info.upstreamAddress,
  UPSTREAM_HOST_NAME_WITHOUT_PORT: (info) => withoutPort(info.upstreamAddress),
  // Istio gives each cluster its own name with a `;` behind it as statistics name.
  UPSTREAM_CLUSTER: (info) => (info.cluster === null ? null : `${info.cluster.name};`),
  UPSTREAM_CLUSTER_RAW: (info) => (info.cluster === null ? null : info.cluster.name),
  UPSTREAM_LOCAL_ADDRESS: (info) => info.upstreamLocalAddress,
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: (info) => withoutPort(info.upstreamLocalAddress),
  UPSTREAM_LOCAL_PORT: (info) => portOf(info.upstreamLocalAddress),
  UPSTREAM_REMOTE_ADDRESS: connectedAddress,
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: (info) => withoutPort(connectedAddress(info)),
  UPSTREAM_REMOTE_PORT: (info) => portOf(connectedAddress(info)),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: (info) => info.attempts,

  DOWNSTREAM_LOCAL_ADDRESS: (info) => orUnset(info.downstreamLocalAddress),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: (info) => withoutPort(info.downstreamLocalAddress),
  DOWNSTREAM_LOCAL_PORT: (info) => portOf(info.downstreamLocalAddress),
  DOWNSTREAM_REMOTE_ADDRESS: (info) => orUnset(info.downstreamRemoteAddress),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: (info) => withoutPort(info.downstreamRemoteAddress),
  DOWNSTREAM_REMOTE_PORT: (info) => portOf(info.downstreamRemoteAddress),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: (info) => orUnset(directRemoteAddress(info)),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: (info) => withoutPort(directRemoteAddress(info)),
  DOWNSTREAM_DIRECT_REMOTE_PORT: (info) => portOf(directRemoteAddress(info)),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS: (info) => orUnset(info.downstreamLocalAddress),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT: (info) => withoutPort(info.downstreamLocalAddress),
  DOWNSTREAM_DIRECT_LOCAL_PORT: (info) => portOf(info.downstreamLocalAddress),
  REQUESTED_SERVER_NAME: (info) => info.requestedServerName,
  CONNECTION_ID: (info) => info.connectionId,
  ...tlsOperators,

  ROUTE_NAME: (info) => orUnset(wireFromUnicode(info.routeName)),
  GRPC_STATUS_NUMBER: (info) => info.grpcStatus,
  STREAM_ID: (info) => info.requestId,
  TRACE_ID: (info) => info.traceId,
};
