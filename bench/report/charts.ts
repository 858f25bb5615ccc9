/** The charts of the page about performance. */

import { foundOf, type Measure, type SuiteResult } from '../peers/result.ts';
import { shownNumber, yardstick } from '../peers/tables.ts';
import { type BarGroup, renderBarChart } from './bar-chart.ts';

export interface Chart {
  readonly file: string;
  /** Says what the bars are. */
  readonly title: string;
  readonly svg: string;
}

interface Plan {
  readonly file: string;
  readonly title: string;
  readonly measure: Measure;
  readonly of: string | null;
  /** Cases, and how each is called in the chart. */
  readonly cases: Readonly<Record<string, string>>;
}

const plans: readonly Plan[] = [
  {
    file: 'cpu.svg',
    title: 'CPU time for a request with a 23-byte body, nginx = 1 (less is better)',
    measure: 'cpuUs',
    of: yardstick,
    cases: { 'body-23': '' },
  },
  {
    file: 'bodies.svg',
    title: 'requests a second by size of the body, nginx = 1 (more is better)',
    measure: 'requestsPerSecond',
    of: yardstick,
    cases: {
      'body-0': 'empty',
      'body-1k': '1 KiB',
      'body-64k': '64 KiB',
      'body-1m': '1 MiB',
    },
  },
  {
    file: 'connections.svg',
    title: 'CPU time for a request by connections, nginx = 1 (less is better)',
    measure: 'cpuUs',
    of: yardstick,
    cases: {
      'connections-1': '1',
      'connections-10': '10',
      'connections-100': '100',
      'connections-1000': '1,000',
      'no-keep-alive': 'one for each request',
    },
  },
  {
    file: 'routes.svg',
    title: 'CPU time for a request by routes, µs (less is better)',
    measure: 'cpuUs',
    of: null,
    cases: {
      'routes-1': '1',
      'routes-100': '100',
      'routes-1000': '1,000',
      'routes-10000': '10,000',
    },
  },
  {
    file: 'latency.svg',
    title: 'p99 at half of the rate that each can do, µs (less is better)',
    measure: 'p99Us',
    of: null,
    cases: { 'half-rate': '' },
  },
  {
    file: 'memory.svg',
    title: 'memory for an idle connection, KiB (less is better)',
    measure: 'connectionKiB',
    of: null,
    cases: { memory: '' },
  },
];

/** Those of which something was measured. */
export function renderCharts(result: SuiteResult): readonly Chart[] {
  return plans.flatMap((plan) => {
    const { file, title } = plan;
    const groups = groupsOf(result, plan);
    return groups.length === 0 ? [] : [{ file, title, svg: renderBarChart({ title, groups }) }];
  });
}

function groupsOf(result: SuiteResult, { measure, of, cases }: Plan): readonly BarGroup[] {
  const groups = Object.entries(cases).map(([name, title]) => {
    const rows = result.cases.find((each) => each.name === name)?.rows ?? [];
    const bars = rows.flatMap(({ peer }) => {
      const value = foundOf(result, { name, peer, measure, of })?.median;
      if (value === undefined) return [];
      const shown = of === null ? shownNumber(value) : value.toFixed(2);
      return [{ label: peer, value, shown, isOwn: peer === 'sluice' }];
    });
    return { title, bars };
  });
  return groups.filter(({ bars }) => bars.length > 0);
}
