/** One workload: what it is asked, and what it asks of others. */

import { dashboard, type Row } from './dashboard.ts';
import { lines, stat, table } from './panel.ts';
import { failures, quantile, quantileLines, successRatio, sumRate } from './promql.ts';
import { reporterVariable, workloadVariables } from './variables.ts';

const requests = 'istio_requests_total';
const duration = 'istio_request_duration_milliseconds';
const asked =
  'reporter=~"$reporter",destination_workload_namespace=~"$namespace",destination_workload=~"$workload"';
const asks =
  'reporter=~"$reporter",source_workload_namespace=~"$namespace",source_workload=~"$workload"';

const glance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Requests in',
      description: 'Requests per second to the workload.',
      unit: 'reqps',
      width: 6,
      queries: [{ expr: sumRate(requests, asked), legend: 'in' }],
    }),
    stat({
      title: 'Success in',
      description: 'Share of the requests to the workload that did not fail.',
      unit: 'percentunit',
      width: 6,
      limits: [0.999, 0.99],
      queries: [{ expr: successRatio(asked), legend: 'success' }],
    }),
    stat({
      title: 'p99 latency in',
      description: 'Of requests to the workload.',
      unit: 'ms',
      width: 6,
      limits: [500, 2000],
      queries: [{ expr: quantile(0.99, duration, asked), legend: 'p99' }],
    }),
    stat({
      title: 'Requests out',
      description: 'Requests per second of the workload.',
      unit: 'reqps',
      width: 6,
      queries: [{ expr: sumRate(requests, asks), legend: 'out' }],
    }),
  ],
};

const inbound: Row = {
  title: 'What it is asked',
  panels: [
    lines({
      title: 'Requests by caller',
      description: 'With the security of the connection: mutual TLS is seen at the destination.',
      unit: 'reqps',
      queries: [
        {
          expr: sumRate(requests, asked, 'source_workload, connection_security_policy'),
          legend: '{{source_workload}}, {{connection_security_policy}}',
        },
      ],
    }),
    lines({
      title: 'Requests by status',
      description: 'A status of 0 is a request whose client left before there was an answer.',
      unit: 'reqps',
      queries: [{ expr: sumRate(requests, asked, 'response_code'), legend: '{{response_code}}' }],
    }),
    lines({
      title: 'Latency',
      description: 'From the first byte of a request to the last byte of its response.',
      unit: 'ms',
      queries: quantileLines(duration, asked),
    }),
    lines({
      title: 'Failures by caller',
      description: '5xx statuses and failed gRPC statuses.',
      unit: 'reqps',
      queries: [{ expr: failures(asked, 'source_workload'), legend: '{{source_workload}}' }],
    }),
    lines({
      title: 'Request bodies',
      description: 'Sizes of request bodies.',
      unit: 'bytes',
      queries: quantileLines('istio_request_bytes', asked),
    }),
    lines({
      title: 'Response bodies',
      description: 'Sizes of response bodies.',
      unit: 'bytes',
      queries: quantileLines('istio_response_bytes', asked),
    }),
  ],
};

const outbound: Row = {
  title: 'What it asks of others',
  panels: [
    lines({
      title: 'Requests by service',
      description: 'Services that the workload calls.',
      unit: 'reqps',
      queries: [
        { expr: sumRate(requests, asks, 'destination_service'), legend: '{{destination_service}}' },
      ],
    }),
    lines({
      title: 'Failures by service',
      description: '5xx statuses and failed gRPC statuses.',
      unit: 'reqps',
      queries: [{ expr: failures(asks, 'destination_service'), legend: '{{destination_service}}' }],
    }),
    lines({
      title: 'p90 latency by service',
      description: 'What the workload waits for.',
      unit: 'ms',
      queries: [
        {
          expr: quantile(0.9, duration, asks, 'destination_service'),
          legend: '{{destination_service}}',
        },
      ],
    }),
    table({
      title: 'Services called',
      description: 'One line for each service and version.',
      unit: 'ms',
      keys: { destination_service: 'Service', destination_version: 'Version' },
      queries: [
        {
          expr: sumRate(requests, asks, 'destination_service, destination_version'),
          legend: 'Requests',
          unit: 'reqps',
        },
        {
          expr: successRatio(asks, 'destination_service, destination_version'),
          legend: 'Success',
          unit: 'percentunit',
        },
        {
          expr: quantile(0.9, duration, asks, 'destination_service, destination_version'),
          legend: 'p90',
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
      title: 'Connections opened',
      description: 'To the workload, and by it, per second.',
      unit: 'cps',
      width: 12,
      queries: [
        { expr: sumRate('istio_tcp_connections_opened_total', asked), legend: 'in' },
        { expr: sumRate('istio_tcp_connections_opened_total', asks), legend: 'out' },
      ],
    }),
    lines({
      title: 'Bytes',
      description: 'Of connections to the workload, per second.',
      unit: 'Bps',
      width: 12,
      queries: [
        { expr: sumRate('istio_tcp_sent_bytes_total', asked), legend: 'to clients' },
        { expr: sumRate('istio_tcp_received_bytes_total', asked), legend: 'from clients' },
      ],
    }),
  ],
};

export const workloadDashboard = dashboard({
  uid: 'sluice-workload',
  title: 'sluice / Workload',
  description: 'One workload: what it is asked, and what it asks of others.',
  variables: [...workloadVariables, reporterVariable],
  rows: [glance, inbound, outbound, tcp],
});
