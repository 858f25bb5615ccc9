/**
 * What spans say: the HTTP conventions of OpenTelemetry, beside them what Envoy and Istio write.
 * docs/tracing.md lists all of it.
 */

import type { HeaderList } from '../../http1/header-list.ts';
import type { Cluster } from '../../model/cluster.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { AttributeSink } from './span-encoder.ts';
import type { ClientSpan } from './spans.ts';

/** Of the server span. `pathLength`: characters of the path with its query. */
export function writeServerAttributes(
  out: AttributeSink,
  info: StreamInfo,
  pathLength: number,
): void {
  writeExchange(out, info);
  const path = (info.originalPath ?? info.path).slice(0, pathLength);
  const question = path.indexOf('?');
  out.wireText('url.path', question < 0 ? path : path.slice(0, question));
  if (question >= 0) out.wireText('url.query', path.slice(question + 1));
  out.text('url.scheme', info.scheme);
  out.wireText('network.protocol.version', info.protocol.slice('HTTP/'.length));
  out.wireText('http.protocol', info.protocol);
  out.wireText('http.route', info.routeName);
  if (info.status > 0) out.number('http.response.status_code', info.status);
  writeBytes(out, info);
  writePeers(out, info);
  writeRequestHeaders(out, info.requestHeaders);
  out.wireText('guid:x-request-id', info.requestId ?? '');
  out.text('response_flags', formatResponseFlags(info.responseFlags));
  if (info.cluster !== null) writeCluster(out, info.cluster);
  else out.wireText('upstream_cluster', info.clusterName);
  if (info.grpcStatus !== null) out.number('rpc.grpc.status_code', info.grpcStatus);
}

/** Of one attempt. */
export function writeClientAttributes(
  out: AttributeSink,
  info: StreamInfo,
  { span, pathLength }: { readonly span: ClientSpan; readonly pathLength: number },
): void {
  writeExchange(out, info);
  const { cluster, endpoint, attempt } = span.target;
  const path = info.path.slice(0, pathLength);
  out.wireText('url.full', `${info.scheme}://${info.authority}${path}`);
  out.wireText('network.protocol.version', span.protocol.slice('HTTP/'.length));
  out.wireText('http.protocol', span.protocol);
  if (span.status > 0) out.number('http.response.status_code', span.status);
  if (attempt !== null && attempt > 1) out.number('http.request.resend_count', attempt - 1);
  writeAddress(out, networkPeer, endpoint.key);
  out.wireText('peer.address', endpoint.key);
  writeCluster(out, cluster);
}

/** What all spans of an exchange have in common. */
function writeExchange(out: AttributeSink, info: StreamInfo): void {
  out.text('component', 'proxy');
  out.wireText('http.request.method', info.method);
  writeAddress(out, server, info.authority);
  if (info.grpcStatus !== null) writeRpc(out, info);
}

/** `/package.Service/Method`. */
function writeRpc(out: AttributeSink, info: StreamInfo): void {
  const path = info.path.split('?', 1)[0] ?? '';
  const slash = path.lastIndexOf('/');
  out.text('rpc.system', 'grpc');
  out.wireText('rpc.service', path.slice(1, slash));
  out.wireText('rpc.method', path.slice(slash + 1));
}

function writeBytes(out: AttributeSink, info: StreamInfo): void {
  out.number('http.request.body.size', info.bytesReceived);
  out.number('http.response.body.size', info.bytesSent);
  out.number('request_size', info.bytesReceived);
  out.number('response_size', info.bytesSent);
}

function writePeers(out: AttributeSink, info: StreamInfo): void {
  const { downstreamRemoteAddress: remote, downstreamDirectRemoteAddress: direct } = info;
  const peer = direct === '' ? remote : direct;
  writeAddress(out, client, remote);
  writeAddress(out, networkPeer, peer);
  out.wireText('peer.address', hostOf(peer, portLength(peer)));
}

function writeRequestHeaders(out: AttributeSink, headers: HeaderList | null): void {
  out.wireText('user_agent.original', headers?.get('user-agent') ?? '');
  out.wireText('guid:x-client-trace-id', headers?.get('x-client-trace-id') ?? '');
}

function writeCluster(out: AttributeSink, { name }: Cluster): void {
  out.text('upstream_cluster', name);
  out.text('upstream_cluster.name', name);
}

interface AddressNames {
  readonly address: string;
  readonly port: string;
}

const server: AddressNames = { address: 'server.address', port: 'server.port' };
const client: AddressNames = { address: 'client.address', port: 'client.port' };
const networkPeer: AddressNames = { address: 'network.peer.address', port: 'network.peer.port' };

/** Of `host:port`, `[v6]:port` or a host alone. Port 0 is none. */
function writeAddress(out: AttributeSink, names: AddressNames, text: string): void {
  const digits = portLength(text);
  out.wireText(names.address, hostOf(text, digits));
  const port = digits === 0 ? 0 : Number(text.slice(-digits));
  if (port > 0) out.number(names.port, port);
}

const colon = 0x3a;
const maxPortLength = 5;

/** Digits behind the last colon; 0 where there is no port. */
function portLength(text: string): number {
  let digits = 0;
  for (let at = text.length - 1; at >= 0; at--, digits++) {
    const code = text.charCodeAt(at);
    if (code === colon) return digits;
    if (code < 0x30 || code > 0x39 || digits === maxPortLength) return 0;
  }
  return 0;
}

/** Without the brackets of an IPv6 address. */
function hostOf(text: string, digits: number): string {
  const host = digits === 0 ? text : text.slice(0, -digits - 1);
  const start = host.startsWith('[') ? 1 : 0;
  return host.slice(start, host.endsWith(']') ? -1 : undefined);
}
