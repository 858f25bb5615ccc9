/** One service: how it does, which version does how, who calls it, and what its clusters say. */

import { dashboard, type Row } from './dashboard.ts';
import { heatmap, lines, stat } from './panel.ts';
import { failures, quantile, quantileLines, rateOf, successRatio, sumRate } from './promql.ts';
import { reporterVariable } from './variables.ts';

const requests = 'istio_requests_total';
const duration = 'istio_request_duration_milliseconds';
const own = 'reporter=~"$reporter",destination_service=~"$service"';
/** The clusters of a service are named `outbound|PORT|SUBSET|HOST`. */
const clusters = 'cluster_name=~"outbound[|].*[|]$service"';

const glance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Requests',
      description: 'Requests per second.',
      unit: 'reqps',
      queries: [{ expr: sumRate(requests, own), legend: 'requests' }],
    }),
    stat({
      title: 'Success',
      description: 'Share of requests without a 5xx status or a failed gRPC status.',
      unit: 'percentunit',
      limits: [0.999, 0.99],
      queries: [{ expr: successRatio(own), legend: 'success' }],
    }),
    ...[0.5, 0.9, 0.99].map((q) =>
      stat({
        title: `p${q * 100} latency`,
        description: 'From the first byte of a request to the last byte of its response.',
        unit: 'ms',
        limits: [500, 2000],
        queries: [{ expr: quantile(q, duration, own), legend: `p${q * 100}` }],
      }),
    ),
    stat({
      title: 'Endpoints that may be used',
      description: 'Of all endpoints of the service, in all of its subsets.',
      unit: 'percentunit',
      limits: [1, 0.5],
      queries: [
        {
          expr: `sum(envoy_cluster_membership_healthy{${clusters}}) / sum(envoy_cluster_membership_total{${clusters}})`,
          legend: 'healthy',
        },
      ],
    }),
  ],
};

const traffic: Row = {
  title: 'Requests',
  panels: [
    lines({
      title: 'By status',
      description: 'A status of 0 is a request whose client left before there was an answer.',
      unit: 'reqps',
      queries: [{ expr: sumRate(requests, own, 'response_code'), legend: '{{response_code}}' }],
    }),
    lines({
      title: 'By response flags',
      description: 'UO, UF, UH, URX, UT and their like: docs/access-log.md says what each means.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate(requests, `${own},response_flags!="-"`, 'response_flags'),
          legend: '{{response_flags}}',
        },
      ],
    }),
    lines({
      title: 'By caller',
      description: 'Workloads that call the service.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate(requests, own, 'source_workload, source_workload_namespace'),
          legend: '{{source_workload}}.{{source_workload_namespace}}',
        },
      ],
    }),
    lines({
      title: 'Failures by caller',
      description: '5xx statuses and failed gRPC statuses.',
      unit: 'reqps',
      queries: [
        {
          expr: failures(own, 'source_workload, source_workload_namespace'),
          legend: '{{source_workload}}.{{source_workload_namespace}}',
        },
      ],
    }),
    lines({
      title: 'By gRPC status',
      description: 'Of gRPC requests alone; 0 is success.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate(requests, `${own},request_protocol="grpc"`, 'grpc_response_status'),
          legend: '{{grpc_response_status}}',
        },
      ],
    }),
    lines({
      title: 'gRPC messages',
      description: 'Messages per second, of streams too.',
      unit: 'ops',
      queries: [
        { expr: sumRate('istio_request_messages_total', own), legend: 'from clients' },
        { expr: sumRate('istio_response_messages_total', own), legend: 'to clients' },
      ],
    }),
  ],
};

const versions: Row = {
  title: 'Versions',
  panels: [
    lines({
      title: 'Share of each version',
      description: 'What the weights of a route come to.',
      unit: 'percentunit',
      queries: [
        {
          expr: `${sumRate(requests, own, 'destination_version')} / ignoring (destination_version) group_left ${sumRate(requests, own)}`,
          legend: '{{destination_version}}',
        },
      ],
    }),
    lines({
      title: 'Success by version',
      description: 'Compare a canary with what it replaces.',
      unit: 'percentunit',
      queries: [
        { expr: successRatio(own, 'destination_version'), legend: '{{destination_version}}' },
      ],
    }),
    lines({
      title: 'p90 latency by version',
      description: 'Compare a canary with what it replaces.',
      unit: 'ms',
      queries: [
        {
          expr: quantile(0.9, duration, own, 'destination_version'),
          legend: '{{destination_version}}',
        },
      ],
    }),
  ],
};

const latency: Row = {
  title: 'Latency and sizes',
  panels: [
    lines({
      title: 'Latency',
      description: 'Where p99 leaves p50 behind, look at the retries and the queue below.',
      unit: 'ms',
      width: 12,
      queries: quantileLines(duration, own),
    }),
    heatmap({
      title: 'Latency, every bucket',
      description: 'Two bands are two kinds of requests, or one endpoint that is slower.',
      unit: 'ms',
      queries: [{ expr: `sum by (le) (${rateOf(`${duration}_bucket`, own)})`, legend: '{{le}}' }],
    }),
    lines({
      title: 'Request bodies',
      description: 'Sizes of request bodies.',
      unit: 'bytes',
      width: 12,
      queries: quantileLines('istio_request_bytes', own),
    }),
    lines({
      title: 'Response bodies',
      description: 'Sizes of response bodies.',
      unit: 'bytes',
      width: 12,
      queries: quantileLines('istio_response_bytes', own),
    }),
  ],
};

const resilience: Row = {
  title: 'Endpoints, retries, limits',
  panels: [
    lines({
      title: 'Endpoints',
      description: 'By cluster: those that may be used, of all.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster_name) (envoy_cluster_membership_healthy{${clusters}})`,
          legend: '{{cluster_name}}',
        },
        {
          expr: `sum by (cluster_name) (envoy_cluster_membership_total{${clusters}})`,
          legend: '{{cluster_name}}, all',
        },
      ],
    }),
    lines({
      title: 'Ejections',
      description: 'Endpoints that outlier detection has taken out now.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster_name) (envoy_cluster_outlier_detection_ejections_active{${clusters}})`,
          legend: '{{cluster_name}}',
        },
      ],
    }),
    lines({
      title: 'Retries',
      description: 'Retries per second; those that helped; those that were refused by a limit.',
      unit: 'reqps',
      queries: [
        { expr: sumRate('envoy_cluster_upstream_rq_retry', clusters), legend: 'retries' },
        {
          expr: sumRate('envoy_cluster_upstream_rq_retry_success', clusters),
          legend: 'helped',
        },
        {
          expr: sumRate('envoy_cluster_upstream_rq_retry_overflow', clusters),
          legend: 'refused',
        },
      ],
    }),
    lines({
      title: 'Refused by the circuit breaker',
      description: 'Requests answered 503 with UO, as too many waited or were open.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate('envoy_cluster_upstream_rq_pending_overflow', clusters, 'cluster_name'),
          legend: '{{cluster_name}}',
        },
      ],
    }),
    lines({
      title: 'Open and waiting requests',
      description: 'Requests that wait for a connection are the first sign of a full service.',
      unit: 'short',
      queries: [
        { expr: `sum(envoy_cluster_upstream_rq_active{${clusters}})`, legend: 'open' },
        { expr: `sum(envoy_cluster_upstream_rq_pending_active{${clusters}})`, legend: 'waiting' },
      ],
    }),
    lines({
      title: 'Failed connections and timeouts',
      description: 'Connections that could not be made, and requests that took too long.',
      unit: 'ops',
      queries: [
        { expr: sumRate('envoy_cluster_upstream_cx_connect_fail', clusters), legend: 'connect' },
        { expr: sumRate('envoy_cluster_upstream_rq_timeout', clusters), legend: 'timeout' },
        {
          expr: sumRate('envoy_cluster_upstream_rq_per_try_timeout', clusters),
          legend: 'per-try timeout',
        },
      ],
    }),
  ],
};

const tcp: Row = {
  title: 'TCP',
  collapsed: true,
  panels: [
    lines({
      title: 'Connections',
      description: 'Opened and closed per second.',
      unit: 'cps',
      width: 12,
      queries: [
        { expr: sumRate('istio_tcp_connections_opened_total', own), legend: 'opened' },
        { expr: sumRate('istio_tcp_connections_closed_total', own), legend: 'closed' },
      ],
    }),
    lines({
      title: 'Bytes',
      description: 'Per second, counted as they pass.',
      unit: 'Bps',
      width: 12,
      queries: [
        { expr: sumRate('istio_tcp_sent_bytes_total', own), legend: 'to clients' },
        { expr: sumRate('istio_tcp_received_bytes_total', own), legend: 'from clients' },
      ],
    }),
  ],
};

export const serviceDashboard = dashboard({
  uid: 'sluice-service',
  title: 'sluice / Service',
  description: 'One service: versions, callers, latency, endpoints, retries and limits.',
  variables: [
    {
      name: 'service',
      label: 'Service',
      values: 'label_values(istio_requests_total, destination_service)',
    },
    reporterVariable,
  ],
  rows: [glance, traffic, versions, latency, resilience, tcp],
});
