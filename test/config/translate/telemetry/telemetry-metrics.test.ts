import t from 'tap';
import type { MetricsSettings } from '../../../../src/model/metrics-settings.ts';
import { translate } from '../translate-yaml.ts';
import { messages, settingsOf, telemetry, telemetryOf } from './telemetry-yaml.ts';

function client(yaml: string, spec: object = {}): MetricsSettings {
  return telemetryOf(yaml, settingsOf(spec)).client.metrics;
}

/** Of one Telemetry for the namespace with these overrides. */
function of(overrides: string, spec: object = {}): MetricsSettings {
  return client(telemetry('t', `{metrics: [{overrides: [${overrides}]}]}`), spec);
}

const allNames = [
  'istio_request_bytes',
  'istio_request_duration_milliseconds',
  'istio_request_messages_total',
  'istio_requests_total',
  'istio_response_bytes',
  'istio_response_messages_total',
  'istio_tcp_connections_closed_total',
  'istio_tcp_connections_opened_total',
  'istio_tcp_received_bytes_total',
  'istio_tcp_sent_bytes_total',
];

function disabled(settings: MetricsSettings): string[] {
  return Object.keys(settings)
    .filter((name) => settings[name]?.disabled)
    .sort();
}

t.test('without Telemetry nothing differs', async (t) => {
  t.strictSame(client(''), {});
  t.strictSame(client(telemetry('t', '{metrics: [{providers: [{name: prometheus}]}]}')), {});
});

t.test('no provider of metrics: none is counted', async (t) => {
  t.strictSame(
    disabled(client('', { meshConfig: { defaultProviders: { metrics: [] } } })),
    allNames,
  );
  const envoy = telemetry('t', '{metrics: [{providers: [{name: envoy}]}]}');
  t.strictSame(disabled(client(envoy)), allNames);
  t.match(messages(translate(envoy, settingsOf({}))), [/^SLC0251 .*takes no metrics/]);
});

t.test('each metric by its name', async (t) => {
  const names = ['REQUEST_COUNT', 'REQUEST_DURATION', 'REQUEST_SIZE', 'RESPONSE_SIZE'];
  names.push('TCP_OPENED_CONNECTIONS', 'TCP_CLOSED_CONNECTIONS', 'TCP_SENT_BYTES');
  names.push('TCP_RECEIVED_BYTES', 'GRPC_REQUEST_MESSAGES', 'GRPC_RESPONSE_MESSAGES');
  const found = names.flatMap((name) => disabled(of(`{match: {metric: ${name}}, disabled: true}`)));
  t.strictSame(found.sort(), allNames);
  t.strictSame(disabled(of('{match: {customMetric: requests_total}, disabled: true}')), [
    'istio_requests_total',
  ]);
});

t.test('all of them: without a match, and by ALL_METRICS', async (t) => {
  t.strictSame(disabled(of('{disabled: true}')), allNames);
  t.strictSame(disabled(of('{match: {metric: ALL_METRICS}, disabled: true}')), allNames);
  const some = '{disabled: true}, {match: {metric: REQUEST_SIZE}, disabled: true}';
  t.strictSame(disabled(of(some)), ['istio_request_bytes'], 'a later override brings them back');
});

t.test('labels are set and left out; later overrides win', async (t) => {
  const overrides = `
    {tagOverrides: {a: {value: request.host}, b: {operation: REMOVE}}},
    {match: {metric: REQUEST_COUNT}, tagOverrides: {a: {operation: UPSERT, value: "'x'"}}}`;
  const settings = of(overrides);
  t.strictSame(Object.keys(settings), allNames);
  t.strictSame(settings['istio_requests_total'], { disabled: false, tags: { a: "'x'", b: null } });
  t.strictSame(settings['istio_request_bytes'], {
    disabled: false,
    tags: { a: 'request.host', b: null },
  });
});

t.test('values that are no expressions', async (t) => {
  const tags = '{syntax: {value: "a =="}, meaning: {value: request.nothing}}';
  t.strictSame(of(`{match: {metric: REQUEST_COUNT}, tagOverrides: ${tags}}`), {
    istio_requests_total: { disabled: false, tags: { meaning: '"unknown"' } },
  });
});

t.test('modes: each side has its own', async (t) => {
  const yaml = telemetry(
    't',
    '{metrics: [{overrides: [{match: {mode: CLIENT}, disabled: true}, {match: {mode: SERVER, metric: REQUEST_SIZE}, disabled: true}]}]}',
  );
  const { client, server } = telemetryOf(yaml, settingsOf({}));
  t.strictSame(disabled(client.metrics), allNames);
  t.strictSame(disabled(server.metrics), ['istio_request_bytes']);
});

t.test('overrides for a provider that a lower level replaces do not count', async (t) => {
  const extensionProviders = [{ name: 'mine', prometheus: {} }];
  const yaml =
    telemetry('istio-system/r', '{metrics: [{overrides: [{disabled: true}]}]}') +
    telemetry(
      'n',
      '{metrics: [{providers: [{name: mine}], overrides: [{match: {metric: REQUEST_SIZE}, disabled: true}]}]}',
    );
  const settings = client(yaml, { meshConfig: { extensionProviders } });
  t.strictSame(disabled(settings), ['istio_request_bytes']);
});

t.test('a metric that is not there', async (t) => {
  const yaml = telemetry(
    't',
    '{metrics: [{overrides: [{match: {customMetric: request_total}, disabled: true}]}]}',
  );
  const translation = translate(yaml, settingsOf({}));
  t.match(translation.findings, [
    { code: 'SLC0255', hint: 'did you mean "istio_requests_total"?' },
  ]);
  t.strictSame(translation.mesh.telemetry.client.metrics, {});
});
