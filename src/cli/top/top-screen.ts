/** What `sluice top` shows on a terminal: lines that fill it. */

import type { ProxyInfo } from '../../admin/api/schema/info.ts';
import type { Paint } from '../output/color.ts';
import { formatUptime, timeOfDay } from '../output/figures.ts';
import { printableLine } from '../output/printable.ts';
import { type Column, cut, fittedLines } from '../output/table.ts';
import type { Grouping, SortOrder } from './top-choices.ts';
import { topSummary } from './top-report.ts';
import {
  type EndpointLoad,
  endpointLoadColumns,
  isUsable,
  sortEndpoints,
  sortTraffic,
  trafficColumns,
} from './top-tables.ts';
import type { TrafficRow } from './traffic-window.ts';

export interface TopView {
  /** Host and port of the admin API. */
  readonly place: string;
  /** null: not heard from yet. */
  readonly info: ProxyInfo | null;
  /** Why there is nothing new; null: there is. */
  readonly problem: string | null;
  /** How far back the numbers go. */
  readonly seconds: number;
  /** null: no requests. */
  readonly total: TrafficRow | null;
  readonly traffic: readonly TrafficRow[];
  readonly endpoints: readonly EndpointLoad[];
  readonly grouping: Grouping;
  readonly order: SortOrder;
  /** Milliseconds since the epoch. */
  readonly wall: number;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** A smaller terminal is asked to grow. */
const leastSize: ScreenSize = { columns: 44, rows: 8 };

export function topScreen(view: TopView, size: ScreenSize, paint: Paint): string[] {
  if (size.columns < leastSize.columns || size.rows < leastSize.rows) {
    return [cut('too small; q quits', size.columns)];
  }
  const heading = headingLines(view, size.columns, paint);
  // One empty line below the heading, one between the tables, and the keys.
  const room = size.rows - heading.length - 3;
  const options = { width: size.columns, paint };
  const traffic = sortTraffic(view.traffic, view.order);
  const endpoints = sortEndpoints(view.endpoints);
  const endpointRows = Math.min(
    endpoints.length + 1,
    Math.max(Math.ceil(room / 2), room - traffic.length - 1),
  );
  const body = [
    ...upTo(
      fittedLines(columnsFor(size, trafficColumns(view.grouping)), traffic, options),
      room - endpointRows,
    ),
    '',
    ...upTo(fittedLines(columnsFor(size, endpointLoadColumns), endpoints, options), endpointRows),
  ];
  const filler = Array<string>(Math.max(room + 1 - body.length, 0)).fill('');
  return [...heading, '', ...body, ...filler, keys(view, size.columns, paint)];
}

function headingLines(view: TopView, width: number, paint: Paint): string[] {
  const { info, place, wall } = view;
  const state = info === null ? '' : `   ${info.state}   up ${formatUptime(info.uptimeSeconds)}`;
  const config = info === null ? '' : `   configuration ${info.config.version}${findings(info)}`;
  const left = cut(`sluice top   ${place}${state}${config}`, width);
  const time = timeOfDay(wall).slice(0, 8);
  const room = width - left.length - time.length;
  const first = room > 1 ? `${left}${' '.repeat(room)}${time}` : left.padEnd(width);
  return [paint('inverse', first), summary(view, width, paint)];
}

function findings({ config }: ProxyInfo): string {
  if (config.errors > 0) return ` with ${config.errors} errors`;
  return config.warnings > 0 ? ` with ${config.warnings} warnings` : '';
}

function summary({ problem, total, endpoints }: TopView, width: number, paint: Paint): string {
  if (problem !== null) return paint('red', cut(printableLine(problem), width));
  const healthy = endpoints.filter(({ endpoint }) => isUsable(endpoint)).length;
  const health = `${healthy}/${endpoints.length} healthy`;
  return cut(`${total === null ? 'no requests' : topSummary(total)}  ${health}`, width);
}

/** A narrow terminal shows names rather than every number. */
function columnsFor<Row>({ columns: width }: ScreenSize, columns: readonly Column<Row>[]) {
  if (width >= 80) return columns;
  const dispensable = width < 60 ? ['P50', 'P90', 'ACTIVE', 'ERRORS'] : ['P50', 'ERRORS'];
  return columns.filter(({ title }) => !dispensable.includes(title));
}

/** Says how many lines have no room. */
function upTo(lines: readonly string[], room: number): string[] {
  if (lines.length <= room) return [...lines];
  const shown = Math.max(room - 1, 0);
  return [...lines.slice(0, shown), `… ${lines.length - shown} more`].slice(0, room);
}

function keys(view: TopView, width: number, paint: Paint): string {
  const { grouping, order, seconds } = view;
  const past = `last ${seconds.toFixed(0)} s`;
  return paint('dim', cut(`q quit   s sort: ${order}   g group: ${grouping}   ${past}`, width));
}
