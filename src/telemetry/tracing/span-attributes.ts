/**
 * What spans say: the HTTP conventions of OpenTelemetry, beside them what Envoy and Istio write.
 * docs/tracing.md lists all of it.
 */

import { ownText } from '../../base/own-text.ts';
import { unicodeFromWire } from '../../base/wire-text.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { Cluster } from '../../model/cluster.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { ClientSpan } from './spans.ts';

export type SpanAttributes = Record<string, string | number>;

/** Of the server span. `pathLength`: characters of the path with its query. */
export function serverAttributes(info: StreamInfo, pathLength: number): SpanAttributes {
  const attributes = exchangeAttributes(info);
  const path = (info.originalPath ?? info.path).slice(0, pathLength);
  const question = path.indexOf('?');
  set(attributes, 'url.path', question < 0 ? path : path.slice(0, question));
  if (question >= 0) set(attributes, 'url.query', path.slice(question + 1));
  attributes['url.scheme'] = info.scheme;
  set(attributes, 'network.protocol.version', info.protocol.slice('HTTP/'.length));
  set(attributes, 'http.protocol', info.protocol);
  set(attributes, 'http.route', info.routeName);
  if (info.status > 0) attributes['http.response.status_code'] = info.status;
  setBytes(attributes, info);
  setPeers(attributes, info);
  setRequestHeaders(attributes, info.requestHeaders);
  set(attributes, 'guid:x-request-id', info.requestId ?? '');
  attributes['response_flags'] = formatResponseFlags(info.responseFlags);
  if (info.cluster !== null) setCluster(attributes, info.cluster);
  else set(attributes, 'upstream_cluster', info.clusterName);
  return attributes;
}

/** Of one attempt. */
export function clientAttributes(
  info: StreamInfo,
  span: ClientSpan,
  pathLength: number,
): SpanAttributes {
  const attributes = exchangeAttributes(info);
  const { cluster, endpoint, attempt } = span.target;
  const path = info.path.slice(0, pathLength);
  set(attributes, 'url.full', `${info.scheme}://${info.authority}${path}`);
  set(attributes, 'network.protocol.version', span.protocol.slice('HTTP/'.length));
  set(attributes, 'http.protocol', span.protocol);
  if (span.status > 0) attributes['http.response.status_code'] = span.status;
  if (attempt !== null && attempt > 1) attributes['http.request.resend_count'] = attempt - 1;
  setAddress(attributes, 'network.peer', endpoint.key);
  set(attributes, 'peer.address', endpoint.key);
  setCluster(attributes, cluster);
  return attributes;
}

/** What all spans of an exchange have in common. */
function exchangeAttributes(info: StreamInfo): SpanAttributes {
  const attributes: SpanAttributes = { component: 'proxy' };
  set(attributes, 'http.request.method', info.method);
  setAddress(attributes, 'server', info.authority);
  if (info.grpcStatus !== null) setRpc(attributes, info);
  return attributes;
}

/** `/package.Service/Method`. */
function setRpc(attributes: SpanAttributes, info: StreamInfo): void {
  const path = info.path.split('?', 1)[0] ?? '';
  const slash = path.lastIndexOf('/');
  attributes['rpc.system'] = 'grpc';
  set(attributes, 'rpc.service', path.slice(1, slash));
  set(attributes, 'rpc.method', path.slice(slash + 1));
}

function setBytes(attributes: SpanAttributes, info: StreamInfo): void {
  attributes['http.request.body.size'] = info.bytesReceived;
  attributes['http.response.body.size'] = info.bytesSent;
  attributes['request_size'] = info.bytesReceived;
  attributes['response_size'] = info.bytesSent;
}

function setPeers(attributes: SpanAttributes, info: StreamInfo): void {
  const { downstreamRemoteAddress: client, downstreamDirectRemoteAddress: direct } = info;
  const peer = direct === '' ? client : direct;
  setAddress(attributes, 'client', client);
  setAddress(attributes, 'network.peer', peer);
  set(attributes, 'peer.address', splitAddress(peer).address);
}

function setRequestHeaders(attributes: SpanAttributes, headers: HeaderList | null): void {
  set(attributes, 'user_agent.original', headers?.get('user-agent') ?? '');
  set(attributes, 'guid:x-client-trace-id', headers?.get('x-client-trace-id') ?? '');
}

function setCluster(attributes: SpanAttributes, cluster: Cluster): void {
  attributes['upstream_cluster'] = cluster.name;
  attributes['upstream_cluster.name'] = cluster.name;
}

/** `{prefix}.address` and, where it is known, `{prefix}.port`. */
function setAddress(attributes: SpanAttributes, prefix: string, text: string): void {
  const { address, port } = splitAddress(text);
  set(attributes, `${prefix}.address`, address);
  if (port > 0) attributes[`${prefix}.port`] = port;
}

/** Of `host:port`, `[v6]:port` or a host alone; port 0 is none. */
function splitAddress(text: string): { readonly address: string; readonly port: number } {
  const found = /^(.*?)(?::(\d{1,5}))?$/s.exec(text);
  const [, host = '', port = '0'] = found ?? [];
  return { address: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** What is empty is not known, and left out. Spans wait for their collector after the request. */
function set(attributes: SpanAttributes, name: string, wire: string): void {
  if (wire !== '') attributes[name] = ownText(unicodeFromWire(wire));
}
