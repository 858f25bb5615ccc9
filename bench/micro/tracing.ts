/**
 * What tracing adds to a request, in time and in bytes of the heap: `node bench/micro/tracing.ts`.
 *
 * The hooks are those of the proxy, from the headers of a request to the batch for a collector;
 * what sends it is not measured. Cases take turns in slices of less than a millisecond, and the
 * quick slices are told, so that what else the machine does hits none of them. Sampled requests
 * come first: one in a hundred is traced, so that many run before their code is compiled.
 */

import { systemClock } from '../../src/base/clock.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { writeRequestHead } from '../../src/http1/head-writer.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import type { ProxyIdentity } from '../../src/model/proxy-identity.ts';
import { CustomTags } from '../../src/telemetry/tracing/custom-tags.ts';
import { OtlpSpanEncoder } from '../../src/telemetry/tracing/otlp-span-encoder.ts';
import { OtlpTraceRequests } from '../../src/telemetry/tracing/otlp-trace-request.ts';
import { passTrace, startTrace } from '../../src/telemetry/tracing/pass-trace.ts';
import { SpanBatch } from '../../src/telemetry/tracing/span-batch.ts';
import { SpanRecords } from '../../src/telemetry/tracing/span-records.ts';
import { ExchangeSpans } from '../../src/telemetry/tracing/spans.ts';
import { defaultResource } from '../../src/telemetry/tracing/trace-resource.ts';
import { TraceRules } from '../../src/telemetry/tracing/trace-rules.ts';
import { tracingSettings } from '../../test/support/mesh-models.ts';
import { testStreamInfo } from '../../test/telemetry/stream-info-fixture.ts';

const proxy: ProxyIdentity = {
  namespace: 'default',
  labels: { app: 'client' },
  locality: { region: '', zone: '', subzone: '' },
  workload: 'client',
};
const parent = '00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00';
const batchSpans = 512;

const random = new SeededRandom(1);
const never = new TraceRules(tracingSettings({ randomSamplingPercent: 0 }));
const always = new TraceRules(tracingSettings({ randomSamplingPercent: 100 }));
const records = new SpanRecords({
  encoder: new OtlpSpanEncoder(),
  tags: new CustomTags(tracingSettings(), proxy),
  maxPathTagLength: 256,
});
const requests = new OtlpTraceRequests({
  resource: defaultResource(proxy),
  scope: { name: 'sluice', version: '1.0.0' },
});

const info = testStreamInfo();
const { cluster, endpoint: model, responseHeaders } = info;
if (cluster === null || model === null || responseHeaders === null) throw new Error('the fixture');
const target = { cluster, endpoint: { model, key: '127.0.0.1:9080', ejected: false }, attempt: 1 };
const answer = responseHeaders;
const socket = Buffer.alloc(4096);

/** What curl sends, as it goes upstream. */
function requestHeaders(traceParent: string | null): HeaderList {
  const headers = new HeaderList();
  headers.append('host', 'reviews:9080');
  headers.append('user-agent', 'curl/8.0');
  headers.append('accept', '*/*');
  headers.append('x-forwarded-for', '10.1.2.3');
  headers.append('x-forwarded-proto', 'http');
  headers.append('x-request-id', '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff');
  if (traceParent !== null) headers.append('traceparent', traceParent);
  return headers;
}

/** The text is joined for good when it is written, the headers of tracing with it. */
function write(headers: HeaderList): void {
  socket.write(writeRequestHead('GET', '/ratings/7', headers), 0, 'latin1');
}

function untraced(traceParent: string | null): void {
  write(requestHeaders(traceParent));
}

function unsampled(traceParent: string | null): void {
  const headers = requestHeaders(traceParent);
  if (traceParent === null) startTrace({ headers, info }, never, random);
  else passTrace({ headers, info }, never, random);
  write(headers);
}

const batch = new SpanBatch();
const batchMs: number[] = [];

function sampled(): void {
  const headers = requestHeaders(null);
  const trace = startTrace({ headers, info }, always, random);
  if (trace === null) throw new Error('it is sampled');
  const spans = new ExchangeSpans(trace, systemClock, random);
  const span = spans.startClient(target);
  span.send(headers, 'HTTP/1.1');
  write(headers);
  span.respond(200, answer);
  span.end();
  batch.push(records.server(info, spans));
  batch.push(records.client(info, spans, span));
  if (batch.length < batchSpans) return;
  const start = performance.now();
  requests.join(batch);
  batchMs.push(performance.now() - start);
  batch.clear();
}

interface Case {
  readonly name: string;
  readonly calls: number;
  readonly run: () => void;
  readonly nanos: number[];
  readonly bytes: number[];
}

function caseOf(name: string, calls: number, run: () => void): Case {
  return { name, calls, run, nanos: [], bytes: [] };
}

function timeSlice({ calls, run, nanos }: Case): void {
  const start = performance.now();
  for (let call = 0; call < calls; call++) run();
  nanos.push(((performance.now() - start) * 1e6) / calls);
}

/** By itself: to ask for the size of the heap takes longer than a slice. */
function weighSlice({ calls, run, bytes }: Case): void {
  const before = process.memoryUsage().heapUsed;
  for (let call = 0; call < calls; call++) run();
  const grown = process.memoryUsage().heapUsed - before;
  // Less than nothing: garbage was collected meanwhile.
  if (grown > 0) bytes.push(grown / calls);
}

/** The value that so great a share of them does not reach. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function show(name: string, { nanos, bytes }: Case, without: Case | null): void {
  const ns = quantile(nanos, 0.02) - (without === null ? 0 : quantile(without.nanos, 0.02));
  const heap = quantile(bytes, 0.5) - (without === null ? 0 : quantile(without.bytes, 0.5));
  console.log(
    `${name.padEnd(44)} ${ns.toFixed(0).padStart(7)} ns ${heap.toFixed(0).padStart(6)} B`,
  );
}

const plain = caseOf('a request without tracing', 500, () => untraced(null));
const started = caseOf('+ a new trace, not sampled', 500, () => unsampled(null));
const passed = caseOf('a request with traceparent, without tracing', 500, () => untraced(parent));
const continued = caseOf('+ it goes on, not sampled', 500, () => unsampled(parent));
const recorded = caseOf('+ a new trace, sampled, with two spans', 20, sampled);

for (let slice = 0; slice < 160; slice++) timeSlice(plain);
for (let calls = 0; calls < 3000; calls += 1000) {
  // With the threads that compile and collect.
  const before = process.cpuUsage();
  for (let slice = 0; slice < 50; slice++) timeSlice(recorded);
  const { user, system } = process.cpuUsage(before);
  const each = ((user + system) / 1000).toFixed(1);
  console.log(`1000 sampled requests, ${calls} before them: each ${each} µs`);
}
recorded.nanos.length = 0;

const cases = [plain, started, passed, continued, recorded];
for (let slice = 0; slice < 2000; slice++) for (const each of cases) timeSlice(each);
for (let slice = 0; slice < 50; slice++) for (const each of cases) weighSlice(each);
show(plain.name, plain, null);
show(started.name, started, plain);
show(passed.name, passed, null);
show(continued.name, continued, passed);
show(recorded.name, recorded, plain);
const [usual, worst] = [quantile(batchMs, 0.5), Math.max(...batchMs)];
console.log(
  `a batch of ${batchSpans} spans: ${usual.toFixed(2)} ms, at most ${worst.toFixed(2)} ms`,
);
