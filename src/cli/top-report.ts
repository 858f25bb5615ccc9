/** What `sluice top` prints once: tables for a pipe, or JSON. */

import { formatMs, formatRate, formatShare } from './figures.ts';
import { tableLines } from './table.ts';
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
  const lines = [
    topSummary(view),
    '',
    ...tableLines(trafficColumns(view.grouping), traffic),
    '',
    ...tableLines(endpointLoadColumns, sortEndpoints(view.endpoints)),
  ];
  return `${lines.join('\n')}\n`;
}

/** All requests together, and how far back that goes. */
export function topSummary({ total, seconds }: Pick<TopView, 'total' | 'seconds'>): string {
  const past = `last ${seconds.toFixed(0)} s`;
  if (total === null) return `no requests in the ${past}`;
  const { requestsPerSecond, successShare, p50, p90, p99 } = total;
  const quantiles = `p50 ${formatMs(p50)}   p90 ${formatMs(p90)}   p99 ${formatMs(p99)}`;
  const rate = `${formatRate(requestsPerSecond)} req/s   ${formatShare(successShare)} success`;
  return `${rate}   ${quantiles}   ${past}`;
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
    total,
    services: rowsBy('service'),
    routes: rowsBy('route'),
    clusters: rowsBy('cluster'),
    endpoints: sortEndpoints(endpoints).map(flat),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
