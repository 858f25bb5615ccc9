/** What a load test would have seen, made of rows. Endpoints 0 and 1 are v1's, 2 is v2's. */

import { LatencyHistogram } from '../../src/loadtest/latency-histogram.ts';
import type { Observations } from '../../src/loadtest/observations.ts';
import { readScenario } from '../../src/loadtest/read-scenario.ts';
import { noEndpoint, noKey, RequestLog, unnamedAnswer } from '../../src/loadtest/request-log.ts';
import type { EndpointReport } from '../../src/loadtest/upstream/messages.ts';

export interface Row {
  readonly dueMs: number;
  readonly endpoint?: number;
  readonly key?: number;
  /** 0: a timeout; -1: cut off by the end of the load. */
  readonly status?: number;
  readonly latencyMs?: number;
  readonly route?: string;
  /** By the clock of the endpoint, and what it should have been. */
  readonly tookMs?: number;
  readonly askedMs?: number;
  /** Index among the requests of the scenario. */
  readonly kind?: number;
}

type Given = 'ejections' | 'counters' | 'unknownCounters' | 'proxyEnd' | 'notes';

export interface Seen extends Partial<Pick<Observations, Given>> {
  readonly rows: readonly Row[];
  readonly reports?: Readonly<Record<number, Partial<EndpointReport>>>;
  readonly peaks?: readonly number[];
}

const usualText = `target: {config: [rules]}
routeHeader: x-route
load: {phases: [{constant: 100, duration: 10s}]}
requests: [{name: page, keys: {count: 10}}]
upstreams:
  - {workload: v1, endpoints: 2, failures: [{at: 1s, status: 503}]}
  - {workload: v2}
`;

/** `assertions`: YAML of each. */
export function observationsOf(
  { rows, reports = {}, peaks = [], ...seen }: Seen,
  assertions: readonly string[] = [],
  text = usualText,
): Observations {
  const list = assertions.map((assertion) => `  - ${assertion}\n`).join('');
  const file = { path: 'a.yaml', text: `${text}${list === '' ? '' : `assertions:\n${list}`}` };
  const { scenario, findings } = readScenario(file, { folder: '/', short: false });
  if (scenario === null) throw new Error(findings.map(({ message }) => message).join());
  const none: EndpointReport = { requests: [], retries: [], mirrored: [] };
  const endpoints = [
    { workload: 'v1', ordinal: 1, port: 1001 },
    { workload: 'v1', ordinal: 2, port: 1002 },
    { workload: 'v2', ordinal: 1, port: 2001 },
  ];
  const reported = endpoints.map((_, index) => ({ ...none, ...reports[index] }));
  const driverLateness = new LatencyHistogram();
  return {
    ...{ scenario, endpoints, log: logOf(rows), upstreams: { endpoints: reported, peaks } },
    ...{
      changes: [],
      ejections: [],
      counters: [],
      notes: [],
      unknownCounters: new Map(),
      proxyEnd: null,
      seed: 1,
      driverLateness,
    },
    ...seen,
  };
}

function logOf(rows: readonly Row[]): RequestLog {
  const log = new RequestLog();
  for (const { dueMs, kind = 0, key = noKey, status = 200, latencyMs = 5, ...row } of rows) {
    const index = log.begin(dueMs, kind, key);
    const { endpoint = noEndpoint, ...named } = row;
    if (status === 0) log.failed(index, 'timeout', latencyMs);
    else if (status < 0) log.failed(index, 'unfinished', latencyMs);
    else log.answered(index, { ...unnamedAnswer, ...named, status, endpoint }, latencyMs);
  }
  return log;
}

/** `count` requests, one each 10 ms. */
export function many(count: number, row: (index: number) => Partial<Row> = () => ({})): Row[] {
  return Array.from({ length: count }, (_, index) => ({ dueMs: index * 10, ...row(index) }));
}
