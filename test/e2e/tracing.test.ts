/** The demo with a collector: one trace for each page, over all services, and its retries. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { spawnBound } from '../support/bound-child.ts';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { eventually } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { type CollectedSpan, TraceCollector } from '../support/trace-collector.ts';

const root = resolve(import.meta.dirname, '../..');
const documented = [9101, 9102, 9103, 9111, 9112, 9113, 15001, 15000, 8080];

interface TracedDemo {
  /** Of the Gateway. */
  readonly base: string;
  /** Ends the demo, and resolves when its processes are gone. */
  stop(): Promise<void>;
}

/** The demo on free ports, with a second endpoint of ratings on which nobody listens. */
async function startTracedDemo(t: Test, collector: TraceCollector): Promise<TracedDemo> {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  cpSync(join(root, 'config/bookinfo'), folder.path, { recursive: true });
  const ports = await freePorts(documented.length + 1);
  const portOf = (number: number): number => ports[documented.indexOf(number)] ?? 0;
  const file = join(folder.path, 'bootstrap.yaml');
  const text = readFileSync(file, 'utf8')
    .replaceAll(/(127\.0\.0\.1:|80: )(\d+)/g, (_, before: string, port: string) => {
      return `${before}${portOf(Number(port))}`;
    })
    .replace(/ratings-v1: (\S+)/, `ratings-v1: [$1, "127.0.0.1:${ports.at(-1)}"]`);
  const tracing = `  tracing:\n    endpoint: ${collector.otlpUrl}\n    sampling: 100\n`;
  writeFileSync(file, text.trimEnd().concat('\n', tracing));
  const args = [sluiceMain, 'demo', '-f', folder.path];
  const env = prepareChildEnvironment({ NO_COLOR: '1' });
  const child = spawnBound(process.execPath, args, { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (said: string) => (output += said));
  }
  const exited = new Promise<void>((done) => child.once('close', () => done()));
  const stop = (): Promise<void> => {
    child.kill('SIGTERM');
    return exited;
  };
  t.teardown(stop);
  await eventually('the demo to say where to look', { within: 20_000 }, () => {
    if (child.exitCode !== null) throw new Error(output);
    return output.includes('Ctrl-C stops it');
  });
  return { base: `http://127.0.0.1:${portOf(8080)}`, stop };
}

function isFirst({ parentSpanId }: CollectedSpan): boolean {
  return parentSpanId === '';
}

function serviceOf({ attributes }: CollectedSpan): string {
  return String(attributes['upstream_cluster']).split('|')[3]?.split('.')[0] ?? '';
}

t.test('a page is one connected trace, and retries are siblings in it', async (t) => {
  const collector = await TraceCollector.start(t);
  const { base, stop } = await startTracedDemo(t, collector);
  const pages = 16;
  for (let i = 0; i < pages; i++) {
    // His reviews are those of version 2, which asks for ratings.
    const page = await fetch(`${base}/productpage`, { headers: { cookie: 'session=jason' } });
    t.match(await page.text(), 'reviews-v2');
  }
  await stop();
  const traces = Map.groupBy(collector.spans, ({ traceId }) => traceId);
  t.equal(traces.size, pages, 'no trace falls apart');
  let retried = 0;
  for (const spans of traces.values()) {
    const ids = new Set(spans.map(({ spanId }) => spanId));
    t.equal(ids.size, spans.length, 'no span comes twice');
    t.equal(spans.filter(isFirst).length, 1, 'it begins once, at the Gateway');
    t.ok(
      spans.every((span) => isFirst(span) || ids.has(span.parentSpanId)),
      'it is connected',
    );
    const clients = spans.filter(({ kind }) => kind === 'client');
    t.same([...new Set(clients.map(serviceOf))].sort(), [
      'details',
      'productpage',
      'ratings',
      'reviews',
    ]);
    const attempts = clients.filter((span) => serviceOf(span) === 'ratings');
    if (attempts.length === 1) continue;
    retried++;
    t.equal(new Set(attempts.map(({ parentSpanId }) => parentSpanId)).size, 1, 'siblings');
    // As with Istio an endpoint that was tried may be drawn again, at worst five times in a row.
    const outcomes = attempts.map(({ attributes }) => attributes['error.type']);
    t.equal(outcomes.pop(), undefined, 'the last attempt has its answer');
    t.same([...new Set(outcomes)], ['connect-refused']);
  }
  t.ok(retried > 0, `${retried} of ${pages} pages had to ask for ratings twice`);
});
