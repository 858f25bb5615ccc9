/** What `sluice top` prints once: tables for a pipe, or JSON. */

import { formatMs, formatRate, formatShare } from '../output/figures.ts';
import { tableLines } from '../output/table.ts';
import type { TopView } from './top-screen.ts';
import {
  type EndpointLoad,
  endpointLoadColumns,
  sortEndpoints,
  sortTraffic,
  trafficColumns,
} from './top-tables.ts';
import type { TrafficRow, TrafficWindow } from './traffic-window.ts';

export function topText(view: TopView): string {
  const traffic = sortTraffic(view.traffic, view.order);
  const past = `last ${view.seconds.toFixed(0)} s`;
  const lines = [
    view.total === null ? `no requests in the ${past}` : `${past}: ${topSummary(view.total)}`,
    '',
    ...tableLines(trafficColumns(view.grouping), traffic),
    '',
    ...tableLines(endpointLoadColumns, sortEndpoints(view.endpoints)),
  ];
  return `${lines.join('\n')}\n`;
}

/** All requests together, in one line. */
export function topSummary(total: TrafficRow): string {
  const { requestsPerSecond, successShare, p50, p90, p99 } = total;
  return [
    `${formatRate(requestsPerSecond)} req/s`,
    `${formatShare(successShare)} success`,
    `p50 ${formatMs(p50)}`,
    `p90 ${formatMs(p90)}`,
    `p99 ${formatMs(p99)}`,
  ].join('  ');
}

/** Durations are in milliseconds, shares between 0 and 1. */
export function topJson(
  { seconds, total, order, endpoints, wall }: TopView,
  traffic: TrafficWindow,
) {
  const rowsBy = (grouping: 'service' | 'route' | 'cluster'): TrafficRow[] =>
    sortTraffic(traffic.rows(grouping, wall), order);
  const flat = ({ endpoint, requestsPerSecond }: EndpointLoad) => ({
    ...endpoint,
    requestsPerSecond,
  });
  const report = {
    seconds,
    total: total === null ? null : { ...total, name: undefined },
    services: rowsBy('service'),
    routes: rowsBy('route'),
    clusters: rowsBy('cluster'),
    endpoints: sortEndpoints(endpoints).map(flat),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
