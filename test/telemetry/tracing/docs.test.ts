/** docs/tracing.md against the code, both ways. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { ProxyIdentity } from '../../../src/model/proxy-identity.ts';
import { CustomTags } from '../../../src/telemetry/tracing/custom-tags.ts';
import { OtlpSpanEncoder } from '../../../src/telemetry/tracing/otlp-span-encoder.ts';
import { SpanRecords } from '../../../src/telemetry/tracing/span-records.ts';
import { ExchangeSpans, spanEventNames } from '../../../src/telemetry/tracing/spans.ts';
import { startSampled } from '../../../src/telemetry/tracing/trace-context.ts';
import { findTraceFields } from '../../../src/telemetry/tracing/trace-fields.ts';
import { defaultResource } from '../../../src/telemetry/tracing/trace-resource.ts';
import { TraceRules } from '../../../src/telemetry/tracing/trace-rules.ts';
import { TraceStats } from '../../../src/telemetry/tracing/trace-stats.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { tracingSettings } from '../../support/mesh-models.ts';
import { decodeSpan } from '../../support/otlp-messages.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/tracing.md'), 'utf8');

/** Names in the first column of the table below a heading. */
function tableBelow(heading: string): string[] {
  const section = document.slice(document.indexOf(`${heading}\n`));
  const rows = /\n\|[^\n]*\|\n\|[-|]+\|\n((?:\|[^\n]*\n)+)/.exec(section)?.[1] ?? '';
  const cells = rows.split('\n').map((row) => row.split('|')[1] ?? '');
  return [...cells.join().matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).sort();
}

const identity: ProxyIdentity = {
  namespace: 'default',
  labels: { app: 'front' },
  locality: { region: 'eu', zone: 'a', subzone: '' },
  workload: 'front',
};

/** Every attribute that a failed call of gRPC, tried twice, can have. */
function everything() {
  const settings = tracingSettings();
  const random = new SeededRandom(1);
  const info = testStreamInfo();
  info.grpcStatus = 14;
  info.status = 503;
  info.attempts = 2;
  info.downstreamDirectRemoteAddress = '10.0.0.9:4000';
  info.requestHeaders?.append('x-client-trace-id', 'c-1');
  const context = startSampled(new TraceRules(settings), random);
  const spans = new ExchangeSpans(context, new ManualClock(1_002), random);
  info.spans = spans;
  const { cluster, endpoint: model } = info;
  if (cluster === null || model === null) throw new Error('the fixture has both');
  const endpoint = { model, key: '127.0.0.1:9080', ejected: false };
  const client = spans.startClient({ cluster, endpoint, attempt: 2 });
  client.send(new HeaderList(), 'HTTP/1.1');
  client.respond(503, new HeaderList());
  client.end();
  const records = new SpanRecords({
    encoder: new OtlpSpanEncoder(),
    tags: new CustomTags(settings, identity),
    maxPathTagLength: 256,
  });
  return {
    server: attributeNames(records.server(info, spans)),
    client: attributeNames(records.client(info, spans, client)),
  };
}

/** All of them: one that came twice would be there twice. */
function attributeNames(span: Buffer): string[] {
  return decodeSpan(span)
    .attributes.map(({ key }) => key)
    .sort();
}

t.test('every attribute of spans is documented, and every documented one exists', async (t) => {
  const common = tableBelow('### Attributes of both');
  const { server, client } = everything();
  t.same(server, [...common, ...tableBelow('### Attributes of server spans')].sort());
  t.same(client, [...common, ...tableBelow('### Attributes of client spans')].sort());
});

t.test('every attribute of the resource, and every event', async (t) => {
  t.same(tableBelow('### Resource'), Object.keys(defaultResource(identity)).sort());
  t.same(tableBelow('### Events'), [...spanEventNames].sort());
});

t.test('every counter', async (t) => {
  const stats = [new TraceStats('opentelemetry'), new TraceStats('zipkin')];
  const names = stats.flatMap((each) => [...each.samples()].map(({ name }) => name));
  t.same(tableBelow('## How spans are sent'), [...new Set(names)].sort());
});

t.test('every header is one that is looked for', async (t) => {
  const names = tableBelow('## Headers');
  t.equal(names.length, 8);
  for (const name of [...names, 'x-client-trace-id', 'x-envoy-force-trace']) {
    const headers = new HeaderList();
    headers.append(name, '1');
    t.ok(findTraceFields(headers) > 0, name);
    t.match(document, `\`${name}`);
  }
});
