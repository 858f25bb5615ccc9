/** What a listener counts, under Envoy's names with the prefixes that Istio gives them. */

import type { Listener } from '../../model/listener.ts';
import type { ListenerStats } from './listener-stats.ts';
import type { HistogramSample, Sample } from './sample.ts';

type StatField = {
  [field in keyof ListenerStats]: ListenerStats[field] extends number ? field : never;
}[keyof ListenerStats];
type StatRow = readonly [kind: Sample['kind'], name: string, field: StatField];

/** Below `listener.<address>_<port>.`. */
const listenerStatRows: readonly StatRow[] = [
  ['counter', 'downstream_cx_total', 'downstreamCxTotal'],
  ['gauge', 'downstream_cx_active', 'downstreamCxActive'],
  ['counter', 'downstream_cx_destroy', 'downstreamCxDestroy'],
  ['counter', 'downstream_cx_overflow', 'downstreamCxOverflow'],
  ['counter', 'downstream_global_cx_overflow', 'downstreamGlobalCxOverflow'],
  ['counter', 'downstream_cx_overload_reject', 'downstreamCxOverloadReject'],
  ['counter', 'no_filter_chain_match', 'noFilterChainMatch'],
  ['counter', 'downstream_pre_cx_timeout', 'downstreamPreCxTimeout'],
  ['counter', 'downstream_listener_filter_remote_close', 'downstreamListenerFilterRemoteClose'],
  ['counter', 'downstream_listener_filter_error', 'downstreamListenerFilterError'],
];

/** Of all listeners together, as in Envoy. */
const commonStatRows: readonly StatRow[] = [
  ['counter', 'proxy_proto.not_found_disallowed', 'proxyProtoNotFoundDisallowed'],
  ['counter', 'proxy_proto.versions.v1.found', 'proxyProtoV1Found'],
  ['counter', 'proxy_proto.versions.v1.error', 'proxyProtoV1Error'],
  ['counter', 'proxy_proto.versions.v2.found', 'proxyProtoV2Found'],
  ['counter', 'proxy_proto.versions.v2.error', 'proxyProtoV2Error'],
  ['counter', 'http2.header_overflow', 'http2HeaderOverflow'],
  ['counter', 'http2.outbound_control_flood', 'http2OutboundControlFlood'],
  ['counter', 'http2.outbound_flood', 'http2OutboundFlood'],
  ['counter', 'http2.inbound_empty_frames_flood', 'http2InboundEmptyFramesFlood'],
  ['counter', 'http2.inbound_priority_frames_flood', 'http2InboundPriorityFramesFlood'],
  ['counter', 'http2.inbound_window_update_frames_flood', 'http2InboundWindowUpdateFramesFlood'],
];

/** The same, of listeners that end TLS. */
const tlsStatRows: readonly StatRow[] = [
  ['counter', 'ssl.handshake', 'sslHandshake'],
  ['counter', 'ssl.session_reused', 'sslSessionReused'],
  ['counter', 'ssl.no_certificate', 'sslNoCertificate'],
  ['counter', 'ssl.connection_error', 'sslConnectionError'],
  ['counter', 'ssl.fail_verify_no_cert', 'sslFailVerifyNoCert'],
  ['counter', 'ssl.fail_verify_error', 'sslFailVerifyError'],
  ['counter', 'ssl.fail_verify_san', 'sslFailVerifySan'],
  ['counter', 'ssl.fail_verify_cert_hash', 'sslFailVerifyCertHash'],
  [
    'counter',
    'downstream_cx_transport_socket_connect_timeout',
    'downstreamCxTransportSocketConnectTimeout',
  ],
  [
    'counter',
    'server_ssl_socket_factory.downstream_context_secrets_not_ready',
    'downstreamContextSecretsNotReady',
  ],
];

/** Below `http.<stat prefix>;.`. */
const httpStatRows: readonly StatRow[] = [
  ['counter', 'downstream_cx_total', 'downstreamCxTotal'],
  ['gauge', 'downstream_cx_active', 'downstreamCxActive'],
  ['counter', 'downstream_cx_destroy', 'downstreamCxDestroy'],
  ['counter', 'downstream_cx_destroy_remote', 'downstreamCxDestroyRemote'],
  ['counter', 'downstream_cx_http1_total', 'downstreamCxHttp1Total'],
  ['gauge', 'downstream_cx_http1_active', 'downstreamCxHttp1Active'],
  ['counter', 'downstream_cx_http2_total', 'downstreamCxHttp2Total'],
  ['gauge', 'downstream_cx_http2_active', 'downstreamCxHttp2Active'],
  ['counter', 'downstream_cx_ssl_total', 'downstreamCxSslTotal'],
  ['gauge', 'downstream_cx_ssl_active', 'downstreamCxSslActive'],
  ['counter', 'downstream_cx_protocol_error', 'downstreamCxProtocolError'],
  ['counter', 'downstream_cx_idle_timeout', 'downstreamCxIdleTimeout'],
  ['counter', 'downstream_cx_drain_close', 'downstreamCxDrainClose'],
  ['counter', 'downstream_cx_overload_disable_keepalive', 'downstreamCxOverloadDisableKeepalive'],
  ['counter', 'downstream_cx_upgrades_total', 'downstreamCxUpgradesTotal'],
  ['gauge', 'downstream_cx_upgrades_active', 'downstreamCxUpgradesActive'],
  ['counter', 'downstream_cx_rx_bytes_total', 'downstreamCxRxBytesTotal'],
  ['counter', 'downstream_cx_tx_bytes_total', 'downstreamCxTxBytesTotal'],
  ['counter', 'downstream_rq_total', 'downstreamRqTotal'],
  ['counter', 'downstream_rq_http1_total', 'downstreamRqHttp1Total'],
  ['counter', 'downstream_rq_http2_total', 'downstreamRqHttp2Total'],
  ['gauge', 'downstream_rq_active', 'downstreamRqActive'],
  ['counter', 'downstream_rq_completed', 'downstreamRqCompleted'],
  ['counter', 'downstream_rq_1xx', 'downstreamRq1xx'],
  ['counter', 'downstream_rq_2xx', 'downstreamRq2xx'],
  ['counter', 'downstream_rq_3xx', 'downstreamRq3xx'],
  ['counter', 'downstream_rq_4xx', 'downstreamRq4xx'],
  ['counter', 'downstream_rq_5xx', 'downstreamRq5xx'],
  ['counter', 'downstream_rq_rx_reset', 'downstreamRqRxReset'],
  ['counter', 'downstream_rq_tx_reset', 'downstreamRqTxReset'],
  ['counter', 'downstream_rq_too_large', 'downstreamRqTooLarge'],
  ['counter', 'downstream_rq_idle_timeout', 'downstreamRqIdleTimeout'],
  ['counter', 'downstream_rq_header_timeout', 'downstreamRqHeaderTimeout'],
  ['counter', 'downstream_rq_overload_close', 'downstreamRqOverloadClose'],
  ['counter', 'downstream_rq_response_before_rq_complete', 'downstreamRqResponseBeforeRqComplete'],
  ['counter', 'downstream_rq_too_many_premature_resets', 'downstreamRqTooManyPrematureResets'],
  ['counter', 'rq_total', 'rqTotal'],
  ['counter', 'no_route', 'noRoute'],
  ['counter', 'no_cluster', 'noCluster'],
  ['counter', 'rq_direct_response', 'rqDirectResponse'],
  ['counter', 'fault.delays_injected', 'faultDelaysInjected'],
  ['counter', 'fault.aborts_injected', 'faultAbortsInjected'],
  ['gauge', 'fault.active_faults', 'faultActive'],
  ['counter', 'http_local_rate_limit.ok', 'rateLimitOk'],
  ['counter', 'http_local_rate_limit.rate_limited', 'rateLimited'],
  ['counter', 'http_local_rate_limit.clients_forgotten', 'rateLimitClientsForgotten'],
  ['counter', 'concurrency_limit.limited_requests', 'concurrencyLimited'],
  ['counter', 'rbac.allowed', 'rbacAllowed'],
  ['counter', 'rbac.denied', 'rbacDenied'],
  ['counter', 'toxic.first_byte_latency', 'toxicFirstByteLatency'],
  ['counter', 'toxic.bandwidth_limit', 'toxicBandwidthLimit'],
  ['counter', 'toxic.slow_upload', 'toxicSlowUpload'],
  ['counter', 'toxic.cut_body', 'toxicCutBody'],
  ['counter', 'toxic.reset_connection', 'toxicResetConnection'],
];

/** The responses again, below `listener.<address>_<port>.http.<stat prefix>;.`. */
const listenerHttpStatRows: readonly StatRow[] = [
  ['counter', 'downstream_rq_completed', 'downstreamRqCompleted'],
  ['counter', 'downstream_rq_1xx', 'downstreamRq1xx'],
  ['counter', 'downstream_rq_2xx', 'downstreamRq2xx'],
  ['counter', 'downstream_rq_3xx', 'downstreamRq3xx'],
  ['counter', 'downstream_rq_4xx', 'downstreamRq4xx'],
  ['counter', 'downstream_rq_5xx', 'downstreamRq5xx'],
];

/** `port` is where it is bound. */
export function* listenerSamples(
  listener: Listener,
  stats: ListenerStats,
  port = listener.port,
): Iterable<Sample> {
  const { listenerPrefix, httpPrefix } = prefixesOf(listener, port);
  yield* rowSamples('', commonStatRows, stats);
  yield* rowSamples(listenerPrefix, listenerStatRows, stats);
  if (listener.filterChains.some(({ tls }) => tls !== null)) {
    yield* rowSamples(listenerPrefix, tlsStatRows, stats);
    yield* namedSamples(`${listenerPrefix}ssl.versions.`, stats.tlsVersions);
    yield* namedSamples(`${listenerPrefix}ssl.ciphers.`, stats.tlsCiphers);
  }
  if (!speaksHttp(listener)) return;
  yield* rowSamples(httpPrefix, httpStatRows, stats);
  yield* rowSamples(`${listenerPrefix}${httpPrefix}`, listenerHttpStatRows, stats);
}

/** Milliseconds. */
export function* listenerHistograms(
  listener: Listener,
  stats: ListenerStats,
  port = listener.port,
): Iterable<HistogramSample> {
  const { listenerPrefix, httpPrefix } = prefixesOf(listener, port);
  const lengths = {
    cumulative: stats.cxLengthMs.cumulative(),
    interval: stats.cxLengthMs.interval(),
  };
  yield { name: `${listenerPrefix}downstream_cx_length_ms`, ...lengths };
  if (!speaksHttp(listener)) return;
  yield { name: `${httpPrefix}downstream_cx_length_ms`, ...lengths };
  const times = { cumulative: stats.rqTime.cumulative(), interval: stats.rqTime.interval() };
  yield { name: `${httpPrefix}downstream_rq_time`, ...times };
}

function speaksHttp({ filterChains }: Listener): boolean {
  return filterChains.some(({ kind }) => kind === 'http');
}

interface Prefixes {
  readonly listenerPrefix: string;
  readonly httpPrefix: string;
}

function prefixesOf(listener: Listener, port: number): Prefixes {
  const address = listener.address.includes(':') ? `[${listener.address}]` : listener.address;
  return {
    listenerPrefix: `listener.${address}_${port}.`,
    httpPrefix: `http.${statPrefix(listener)};.`,
  };
}

function* namedSamples(prefix: string, counts: ReadonlyMap<string, number>): Iterable<Sample> {
  for (const [name, value] of counts) yield { kind: 'counter', name: prefix + name, value };
}

function* rowSamples(
  prefix: string,
  rows: readonly StatRow[],
  stats: ListenerStats,
): Iterable<Sample> {
  for (const [kind, name, field] of rows) yield { kind, name: prefix + name, value: stats[field] };
}

/** Istio names it after the logical port, wherever that is bound. */
function statPrefix(listener: Listener): string {
  const direction = listener.direction === 'inbound' ? 'inbound' : 'outbound';
  return listener.servicePort === 0
    ? `${direction}_${listener.address}_${listener.port}`
    : `${direction}_0.0.0.0_${listener.servicePort}`;
}
