/** What telemetry costs each request: `node bench/micro/telemetry.ts`, nanoseconds for each call. */

import { SeededRandom } from '../../src/base/random.ts';
import { createUuid } from '../../src/base/uuid.ts';
import { ClusterStats } from '../../src/cluster/cluster-stats.ts';
import type { ProxyIdentity } from '../../src/model/proxy-identity.ts';
import { compileLineFormat } from '../../src/telemetry/access-log/access-log-format.ts';
import { compileExpression } from '../../src/telemetry/expression/compile-expression.ts';
import { ListenerStats } from '../../src/telemetry/metrics/listener-stats.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { RequestMetrics } from '../../src/telemetry/metrics/request-metrics.ts';
import { testStreamInfo } from '../../test/telemetry/stream-info-fixture.ts';

const proxy: ProxyIdentity = {
  namespace: 'default',
  labels: { app: 'client' },
  locality: { region: '', zone: '', subzone: '' },
  workload: 'client',
};
const calls = 1_000_000;
const rounds = 5;
const out = Buffer.alloc(4096);

function measure(name: string, call: (index: number) => void): void {
  const results: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let index = 0; index < calls; index++) call(index);
    results.push(((performance.now() - start) * 1e6) / calls);
  }
  results.sort((a, b) => a - b);
  console.log(`${name.padEnd(44)} ${(results[rounds >> 1] ?? 0).toFixed(0).padStart(6)} ns`);
}

const random = new SeededRandom(1);
measure('createUuid, written to a buffer', () => {
  out.write(createUuid(random), 0, 'latin1');
});

const registry = new MetricsRegistry();
const metrics = new RequestMetrics(registry, proxy);
const infos = Array.from({ length: 16 }, () => testStreamInfo());
measure('RequestMetrics.record, 16 endpoints', (index) => {
  metrics.record(infos[index & 15] as (typeof infos)[number]);
});

const cluster = new ClusterStats();
const listener = new ListenerStats();
measure('counters and histograms of Envoy', (index) => {
  const ms = index & 255;
  cluster.countResponse(200);
  cluster.recordTime(ms, false);
  listener.countResponse(200);
  listener.rqTime.record(ms);
});

/** As the access log collects them before a write. */
const linesPerBatch = 200;

for (const encoding of ['text', 'json'] as const) {
  const format = compileLineFormat({ encoding, format: null });
  if (!format.ok) throw new Error(format.error.message);
  let lines: string[] = [];
  measure(`access log line, Istio default ${encoding}, as bytes`, (index) => {
    lines.push(format.value.format(infos[index & 15] as (typeof infos)[number]));
    if (lines.length < linesPerBatch) return;
    Buffer.from(lines.join(''), 'latin1');
    lines = [];
  });
}

for (const text of ['response.code >= 400', "request.headers['x-debug'] == 'yes'"]) {
  const filter = compileExpression(text);
  if (!filter.ok) throw new Error(filter.error);
  measure(`access log filter, ${text}`, (index) => {
    filter.value.evaluate(infos[index & 15] as (typeof infos)[number]);
  });
}
