import t from 'tap';
import type { Collector } from '../../src/model/collector.ts';
import { describeExportFailure } from '../../src/telemetry/export-failure.ts';
import { loadOtlpExporter } from '../../src/telemetry/tracing/otlp-exporter.ts';
import { SpanBatch } from '../../src/telemetry/tracing/span-batch.ts';
import { freePort } from '../support/free-port.ts';

t.test('a collector that is away over gRPC is told by what the system said', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const collector: Collector = { protocol: 'otlp-grpc', url, headers: {}, timeoutMs: 500 };
  const scope = { name: 'test', version: '1' };
  const exporter = await loadOtlpExporter(collector, { resource: {}, scope });
  const failure = await new Promise<Error | undefined>((resolve) => {
    exporter.export(new SpanBatch(), ({ error }) => resolve(error));
  });
  t.match(failure, { message: /Resolution note: $/ }, 'the library frames it');
  t.equal(
    describeExportFailure(failure ?? new Error()),
    `no connection: connect ECONNREFUSED 127.0.0.1:${port}`,
  );
  await exporter.shutdown();
});

t.test('what a collector or a name says stays', async (t) => {
  const rows: readonly (readonly [message: string, told: string])[] = [
    ['7 PERMISSION_DENIED: no token', '7 PERMISSION_DENIED: no token'],
    ['the collector does not answer', 'the collector does not answer'],
    [
      '14 UNAVAILABLE: No connection established. Last error: null. Resolution note: timed out',
      'no connection: null. Resolution note: timed out',
    ],
    [
      '14 UNAVAILABLE: No addresses resolved. Resolution note: ',
      '14 UNAVAILABLE: No addresses resolved',
    ],
  ];
  for (const [message, told] of rows) t.equal(describeExportFailure(new Error(message)), told);
});
