/** The proxy itself: its process, its configuration, its listeners and its clusters. */

import { dashboard, type Row } from './dashboard.ts';
import { lines, stat, states } from './panel.ts';
import { sumRate } from './promql.ts';

const own = 'instance=~"$instance"';

function total(metric: string, by = 'instance'): string {
  return `sum by (${by}) (${metric}{${own}})`;
}

/** Lines of counters with one prefix: title to the end of the name. */
function rates(prefix: string, names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([legend, name]) => ({
    expr: sumRate(`${prefix}${name}`, own),
    legend,
  }));
}

const glance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Up',
      description: 'Proxies that Prometheus reaches.',
      unit: 'short',
      queries: [{ expr: `sum(up{job="sluice",${own}})`, legend: 'up' }],
    }),
    stat({
      title: 'Configuration applied',
      description: 'Whether the last load was applied in full; `sluice analyze` says what was not.',
      unit: 'percentunit',
      limits: [1, 1],
      queries: [{ expr: `min(sluice_config_last_reload_successful{${own}})`, legend: 'applied' }],
    }),
    stat({
      title: 'Configuration published',
      description: 'When the configuration in use was published.',
      unit: 'dateTimeFromNow',
      queries: [
        {
          expr: `max(sluice_config_last_publish_timestamp_seconds{${own}}) * 1000`,
          legend: 'published',
        },
      ],
    }),
    stat({
      title: 'Requests',
      description: 'Requests per second on all listeners.',
      unit: 'reqps',
      queries: [{ expr: sumRate('envoy_http_downstream_rq_total', own), legend: 'requests' }],
    }),
    stat({
      title: 'Open connections',
      description: 'Of clients, on all listeners.',
      unit: 'short',
      queries: [{ expr: `sum(envoy_listener_downstream_cx_active{${own}})`, legend: 'open' }],
    }),
    stat({
      title: 'Access log lines lost',
      description: 'Lines of the last hour that were not written: the disk is slow or full.',
      unit: 'short',
      limits: [1, 1],
      queries: [
        {
          expr: `sum(increase(sluice_access_log_lines_dropped_total{${own}}[1h]))`,
          legend: 'lost',
        },
      ],
    }),
  ],
};

const usage: Row = {
  title: 'Process',
  panels: [
    lines({
      title: 'CPU',
      description: 'Cores in use. One process serves on one core; the rest is garbage collection.',
      unit: 'short',
      width: 6,
      queries: [
        {
          expr: sumRate('sluice_process_cpu_seconds_total', own, 'instance'),
          legend: '{{instance}}',
        },
      ],
    }),
    lines({
      title: 'Event loop',
      description: 'Share of the time in which it had work. Near 1 every request waits for others.',
      unit: 'percentunit',
      width: 6,
      limits: [0.7, 0.9],
      queries: [
        {
          expr: sumRate('sluice_event_loop_busy_seconds_total', own, 'instance'),
          legend: '{{instance}}',
        },
      ],
    }),
    lines({
      title: 'Memory',
      description: 'Resident, and of it the heap of V8 and what is in use there.',
      unit: 'bytes',
      width: 6,
      queries: [
        { expr: total('envoy_server_memory_physical_size'), legend: '{{instance}}' },
        { expr: total('envoy_server_memory_heap_size'), legend: '{{instance}}, heap' },
        { expr: total('envoy_server_memory_allocated'), legend: '{{instance}}, in use' },
      ],
    }),
    lines({
      title: 'Uptime',
      description: 'A saw tooth is a process that ends again and again.',
      unit: 's',
      width: 6,
      queries: [{ expr: total('envoy_server_uptime'), legend: '{{instance}}' }],
    }),
  ],
};

const configuration: Row = {
  title: 'Configuration',
  panels: [
    lines({
      title: 'Findings',
      description: 'Of the last load, by severity. They are at /api/v1/config, with their lines.',
      unit: 'short',
      queries: [{ expr: total('sluice_config_findings', 'severity'), legend: '{{severity}}' }],
    }),
    lines({
      title: 'Resources that could not be used',
      description: 'Of the last load. What else there is goes on being served.',
      unit: 'short',
      queries: [{ expr: total('sluice_config_rejected_resources'), legend: '{{instance}}' }],
    }),
    lines({
      title: 'Loads and how long they took',
      description: 'From reading the files to publishing.',
      unit: 's',
      queries: [
        {
          expr: `max by (instance) (sluice_config_last_reload_duration_seconds{${own}})`,
          legend: '{{instance}}',
        },
      ],
    }),
  ],
};

const listeners: Row = {
  title: 'Clients',
  panels: [
    lines({
      title: 'Connections',
      description: 'Open ones, by listener.',
      unit: 'short',
      queries: [
        {
          expr: total('envoy_listener_downstream_cx_active', 'listener_address'),
          legend: '{{listener_address}}',
        },
      ],
    }),
    lines({
      title: 'Connections accepted, and refused',
      description:
        'Over the limit of a listener, for no filter chain, or not telling their protocol in time.',
      unit: 'cps',
      queries: rates('envoy_listener_', {
        accepted: 'downstream_cx_total',
        'over the limit': 'downstream_cx_overflow',
        'no filter chain': 'no_filter_chain_match',
        'no protocol in time': 'downstream_pre_cx_timeout',
      }),
    }),
    lines({
      title: 'Requests by class of status',
      description: 'As clients saw them.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate('envoy_http_downstream_rq', own, 'response_code_class'),
          legend: '{{response_code_class}}',
        },
      ],
    }),
    lines({
      title: 'Requests broken off, refused, not routed',
      description: 'The client left, the proxy broke off, a limit was passed, nothing matched.',
      unit: 'reqps',
      queries: rates('envoy_http_', {
        'client left': 'downstream_rq_rx_reset',
        'broken off': 'downstream_rq_tx_reset',
        'too large': 'downstream_rq_too_large',
        'no route': 'no_route',
        'no cluster': 'no_cluster',
        'not valid HTTP': 'downstream_cx_protocol_error',
      }),
    }),
    lines({
      title: 'By protocol',
      description: 'Requests of HTTP/1.1 and HTTP/2.',
      unit: 'reqps',
      queries: rates('envoy_http_downstream_rq_', {
        'HTTP/1.1': 'http1_total',
        'HTTP/2': 'http2_total',
      }),
    }),
    lines({
      title: 'Bytes',
      description: 'On the wire, per second.',
      unit: 'Bps',
      queries: rates('envoy_http_downstream_cx_', {
        'from clients': 'rx_bytes_total',
        'to clients': 'tx_bytes_total',
      }),
    }),
    lines({
      title: 'TLS of clients',
      description: 'Handshakes, those that resumed a session, and those that failed.',
      unit: 'ops',
      width: 12,
      queries: rates('envoy_listener_', {
        handshakes: 'ssl_handshake',
        resumed: 'ssl_session_reused',
        failed: 'ssl_connection_error',
        'certificate refused': 'ssl_fail_verify_error',
        'certificate missing here':
          'server_ssl_socket_factory_downstream_context_secrets_not_ready',
      }),
    }),
    lines({
      title: 'TCP proxies',
      description: 'Open connections that are passed on unread.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: total('envoy_tcp_downstream_cx_active', 'tcp_prefix'), legend: '{{tcp_prefix}}' },
      ],
    }),
  ],
};

function byCluster(metric: string): string {
  return `topk(10, ${sumRate(`envoy_cluster_${metric}`, own, 'cluster_name')} > 0)`;
}

const clusterLegend = '{{cluster_name}}';

const clusters: Row = {
  title: 'Clusters',
  panels: [
    lines({
      title: 'Attempts',
      description: 'The ten clusters with the most; a request that is retried has several.',
      unit: 'reqps',
      queries: [{ expr: byCluster('upstream_rq_total'), legend: clusterLegend }],
    }),
    lines({
      title: '5xx of endpoints',
      description: 'The ten clusters with the most.',
      unit: 'reqps',
      queries: [
        {
          expr: `topk(10, ${sumRate('envoy_cluster_upstream_rq', `${own},response_code_class="5xx"`, 'cluster_name')} > 0)`,
          legend: clusterLegend,
        },
      ],
    }),
    lines({
      title: 'Retries',
      description: 'All, those that helped, those refused by a limit, those used up.',
      unit: 'reqps',
      queries: rates('envoy_cluster_upstream_rq_retry', {
        retries: '',
        helped: '_success',
        refused: '_overflow',
        'used up': '_limit_exceeded',
      }),
    }),
    lines({
      title: 'Timeouts',
      description:
        'Requests and attempts that took too long, connections that were not made in time.',
      unit: 'reqps',
      queries: rates('envoy_cluster_upstream_', {
        requests: 'rq_timeout',
        attempts: 'rq_per_try_timeout',
        connections: 'cx_connect_timeout',
      }),
    }),
    lines({
      title: 'Connections to endpoints',
      description: 'Open ones, of the ten clusters with the most.',
      unit: 'short',
      queries: [
        {
          expr: `topk(10, ${total('envoy_cluster_upstream_cx_active', 'cluster_name')} > 0)`,
          legend: clusterLegend,
        },
      ],
    }),
    lines({
      title: 'Connections that failed',
      description: 'Not made, or closed while a request was under way.',
      unit: 'cps',
      queries: rates('envoy_cluster_upstream_cx_', {
        'not made': 'connect_fail',
        'closed by the endpoint under way': 'destroy_remote_with_active_rq',
      }),
    }),
  ],
};

const health: Row = {
  title: 'Outlier detection, health checks, circuit breakers',
  panels: [
    lines({
      title: 'Endpoints ejected now',
      description: 'By cluster. /clusters of the admin API names them.',
      unit: 'short',
      queries: [
        {
          expr: `${total('envoy_cluster_outlier_detection_ejections_active', 'cluster_name')} > 0`,
          legend: clusterLegend,
        },
      ],
    }),
    lines({
      title: 'Ejections',
      description: 'Per second; those not made, as too many endpoints would be out.',
      unit: 'ops',
      queries: rates('envoy_cluster_outlier_detection_ejections_', {
        'by 5xx in a row': 'enforced_consecutive_5xx',
        'by gateway errors in a row': 'enforced_consecutive_gateway_failure',
        'by failed connections in a row': 'enforced_consecutive_local_origin_failure',
        'not made': 'overflow',
      }),
    }),
    lines({
      title: 'Endpoints that may be used',
      description: 'The share, by cluster: those below 1.',
      unit: 'percentunit',
      queries: [
        {
          expr: `${total('envoy_cluster_membership_healthy', 'cluster_name')} / ${total('envoy_cluster_membership_total', 'cluster_name')} < 1`,
          legend: clusterLegend,
        },
      ],
    }),
    states({
      title: 'Circuit breakers that are open',
      description: 'Red while a limit of connectionPool is reached; only clusters that had one.',
      unit: 'none',
      width: 16,
      queries: breakerQueries(),
    }),
    lines({
      title: 'Refused by circuit breakers',
      description: 'Requests and connections over a limit.',
      unit: 'reqps',
      queries: rates('envoy_cluster_upstream_', {
        requests: 'rq_pending_overflow',
        connections: 'cx_overflow',
        retries: 'rq_retry_overflow',
      }),
    }),
    lines({
      title: 'No endpoint, and panic',
      description: 'Requests that found no endpoint; choices among all, as too few were healthy.',
      unit: 'reqps',
      width: 12,
      queries: rates('envoy_cluster_', {
        'no endpoint': 'upstream_cx_none_healthy',
        panic: 'lb_healthy_panic',
      }),
    }),
    lines({
      title: 'DNS',
      description: 'Queries for the endpoints of clusters.',
      unit: 'ops',
      width: 12,
      queries: rates('envoy_cluster_update_', { succeeded: 'success', failed: 'failure' }),
    }),
  ],
};

function breakerQueries() {
  return Object.entries({
    cx: 'connections',
    rq: 'requests',
    rq_pending: 'waiting',
    rq_retry: 'retries',
  }).map(([name, legend]) => ({
    expr: `max by (cluster_name) (max_over_time(envoy_cluster_circuit_breakers_default_${name}_open{${own}}[$__interval])) > 0`,
    legend: `{{cluster_name}}, ${legend}`,
  }));
}

const telling: Row = {
  title: 'Access log and traces',
  panels: [
    lines({
      title: 'Lines of the access log',
      description: 'Taken on, and lost.',
      unit: 'ops',
      width: 6,
      queries: [
        { expr: sumRate('envoy_filesystem_write_buffered', own), legend: 'taken on' },
        { expr: sumRate('sluice_access_log_lines_dropped_total', own), legend: 'lost' },
        ...rates('envoy_access_logs_open_telemetry_access_log_', {
          'taken by a collector': 'logs_written',
          'lost to a collector': 'logs_dropped',
        }),
      ],
    }),
    lines({
      title: 'Batches of lines',
      description: 'Written, failed, and written as their time had come.',
      unit: 'ops',
      width: 6,
      queries: rates('envoy_filesystem_', {
        written: 'write_completed',
        failed: 'write_failed',
        'by time': 'flushed_by_timer',
      }),
    }),
    lines({
      title: 'Lines that wait',
      description: 'Characters that wait to be written. What grows here is lost in the end.',
      unit: 'short',
      width: 6,
      queries: [{ expr: total('envoy_filesystem_write_total_buffered'), legend: '{{instance}}' }],
    }),
    lines({
      title: 'Spans',
      description: 'Sent, and lost as the collector was slow or gone. Requests never wait for it.',
      unit: 'ops',
      width: 6,
      queries: [
        { expr: sumRate('envoy_tracing_opentelemetry_spans_sent', own), legend: 'sent' },
        { expr: sumRate('sluice_tracing_spans_dropped_total', own), legend: 'lost' },
      ],
    }),
  ],
};

export const proxyDashboard = dashboard({
  uid: 'sluice-proxy',
  title: 'sluice / Proxy',
  description: 'The proxy itself: process, configuration, clients, clusters, access log, traces.',
  variables: [
    {
      name: 'instance',
      label: 'Proxy',
      values: 'label_values(up{job="sluice"}, instance)',
      multiple: true,
    },
  ],
  rows: [glance, usage, configuration, listeners, clusters, health, telling],
});
