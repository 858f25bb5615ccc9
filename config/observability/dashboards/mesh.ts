/** The mesh as a whole: is it well, who has how much traffic, and who fails. */

import { dashboard, type Row } from './dashboard.ts';
import { lines, stat, table } from './panel.ts';
import { failures, quantile, quantileLines, successRatio, sumRate } from './promql.ts';
import { reporterVariable } from './variables.ts';

const requests = 'istio_requests_total';
const duration = 'istio_request_duration_milliseconds';
const all = 'reporter=~"$reporter"';
const service = 'destination_service';

const glance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Requests',
      description: 'Requests per second of all services.',
      unit: 'reqps',
      queries: [{ expr: sumRate(requests, all), legend: 'requests' }],
    }),
    stat({
      title: 'Success',
      description: 'Share of requests without a 5xx status or a failed gRPC status.',
      unit: 'percentunit',
      limits: [0.999, 0.99],
      queries: [{ expr: successRatio(all), legend: 'success' }],
    }),
    stat({
      title: 'p99 latency',
      description: 'From the first byte of a request to the last byte of its response.',
      unit: 'ms',
      limits: [500, 2000],
      queries: [{ expr: quantile(0.99, duration, all), legend: 'p99' }],
    }),
    stat({
      title: 'TCP bytes',
      description: 'Bytes per second of TCP connections, both ways.',
      unit: 'Bps',
      queries: [
        {
          expr: `${sumRate('istio_tcp_sent_bytes_total', all)} + ${sumRate('istio_tcp_received_bytes_total', all)}`,
          legend: 'bytes',
        },
      ],
    }),
    stat({
      title: 'Endpoints taken out',
      description: 'Endpoints that outlier detection has ejected now, of all proxies.',
      unit: 'short',
      limits: [1, 3],
      queries: [
        { expr: 'sum(envoy_cluster_outlier_detection_ejections_active)', legend: 'ejected' },
      ],
    }),
    stat({
      title: 'Proxies with their configuration',
      description: 'Proxies whose last load of the configuration was applied in full.',
      unit: 'percentunit',
      limits: [1, 0.99],
      queries: [{ expr: 'avg(sluice_config_last_reload_successful)', legend: 'applied' }],
    }),
  ],
};

const traffic: Row = {
  title: 'Traffic',
  panels: [
    lines({
      title: 'Requests by service',
      description: 'The ten services with the most requests.',
      unit: 'reqps',
      queries: [{ expr: `topk(10, ${sumRate(requests, all, service)})`, legend: `{{${service}}}` }],
    }),
    lines({
      title: 'Failures by service',
      description: '5xx statuses and failed gRPC statuses. Look at the dashboard of the service.',
      unit: 'reqps',
      queries: [{ expr: `topk(10, ${failures(all, service)})`, legend: `{{${service}}}` }],
    }),
    lines({
      title: 'Latency',
      description: 'Over all services.',
      unit: 'ms',
      queries: quantileLines(duration, all),
    }),
    lines({
      title: 'Requests by status',
      description: 'A status of 0 is a request whose client left before there was an answer.',
      unit: 'reqps',
      queries: [{ expr: sumRate(requests, all, 'response_code'), legend: '{{response_code}}' }],
    }),
    lines({
      title: 'Requests by response flags',
      description:
        'Why the proxy answered or broke off itself: docs/access-log.md lists the flags.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate(requests, `${all},response_flags!="-"`, 'response_flags'),
          legend: '{{response_flags}}',
        },
      ],
    }),
    lines({
      title: 'p99 latency by service',
      description: 'The ten slowest services.',
      unit: 'ms',
      queries: [
        { expr: `topk(10, ${quantile(0.99, duration, all, service)})`, legend: `{{${service}}}` },
      ],
    }),
  ],
};

const services: Row = {
  title: 'Services and workloads',
  panels: [
    table({
      title: 'Services',
      description: 'One line for each service that had requests.',
      unit: 'ms',
      keys: { destination_service: 'Service' },
      queries: [
        { expr: sumRate(requests, all, service), legend: 'Requests', unit: 'reqps' },
        { expr: successRatio(all, service), legend: 'Success', unit: 'percentunit' },
        { expr: quantile(0.5, duration, all, service), legend: 'p50' },
        { expr: quantile(0.9, duration, all, service), legend: 'p90' },
        { expr: quantile(0.99, duration, all, service), legend: 'p99' },
      ],
    }),
    table({
      title: 'Who calls whom',
      description: 'One line for each pair of workloads, with the version that answered.',
      unit: 'ms',
      keys: {
        source_workload: 'From',
        destination_workload: 'To',
        destination_version: 'Version',
      },
      queries: pairQueries('source_workload, destination_workload, destination_version'),
    }),
  ],
};

function pairQueries(by: string): Parameters<typeof table>[0]['queries'] {
  return [
    { expr: sumRate(requests, all, by), legend: 'Requests', unit: 'reqps' },
    { expr: successRatio(all, by), legend: 'Success', unit: 'percentunit' },
    { expr: quantile(0.9, duration, all, by), legend: 'p90' },
  ];
}

const tcp: Row = {
  title: 'TCP',
  panels: [
    lines({
      title: 'Connections opened',
      description: 'By service, per second.',
      unit: 'cps',
      queries: [
        {
          expr: sumRate('istio_tcp_connections_opened_total', all, 'destination_service_name'),
          legend: '{{destination_service_name}}',
        },
      ],
    }),
    lines({
      title: 'Bytes to clients',
      description: 'By service, per second, counted as they pass.',
      unit: 'Bps',
      queries: [
        {
          expr: sumRate('istio_tcp_sent_bytes_total', all, 'destination_service_name'),
          legend: '{{destination_service_name}}',
        },
      ],
    }),
    lines({
      title: 'Bytes from clients',
      description: 'By service, per second, counted as they pass.',
      unit: 'Bps',
      queries: [
        {
          expr: sumRate('istio_tcp_received_bytes_total', all, 'destination_service_name'),
          legend: '{{destination_service_name}}',
        },
      ],
    }),
  ],
};

export const meshDashboard = dashboard({
  uid: 'sluice-mesh',
  title: 'sluice / Mesh',
  description: 'All services that go through sluice: traffic, failures, latency.',
  variables: [reporterVariable],
  rows: [glance, traffic, services, tcp],
});
