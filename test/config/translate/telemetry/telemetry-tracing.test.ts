import t from 'tap';
import type { TracingSettings } from '../../../../src/model/tracing-settings.ts';
import { resource, service, translate } from '../translate-yaml.ts';
import { messages, settingsOf, telemetry, telemetryOf } from './telemetry-yaml.ts';

const otel = { name: 'otel', opentelemetry: { service: 'otel.example.com', port: 4317 } };
const zipkin = { name: 'zipkin', zipkin: { service: 'z.default.svc.cluster.local', port: 80 } };
const extensionProviders = [otel, zipkin];
const withDefault = { meshConfig: { extensionProviders, defaultProviders: { tracing: ['otel'] } } };
const providers = { meshConfig: { extensionProviders } };

/** Of the outbound side. */
function client(yaml: string, spec: object = {}): TracingSettings | null {
  return telemetryOf(yaml, settingsOf(spec)).client.tracing;
}

/** The settings of one Telemetry for the namespace. */
function of(item: string, spec: object = withDefault): TracingSettings | null {
  return client(telemetry('t', `{tracing: [${item}]}`), spec);
}

t.test('nobody asks for traces', async (t) => {
  t.equal(client(''), null);
  t.equal(client('', providers), null, 'a provider that nobody names');
  t.equal(of('{randomSamplingPercentage: 5}', providers), null);
});

t.test('enableTracing alone: headers are continued, or spans go to the address', async (t) => {
  t.strictSame(client('', { meshConfig: { enableTracing: true } }), {
    randomSamplingPercent: 1,
    collector: null,
    customTags: [],
    istioTags: true,
    maxPathTagLength: 256,
    resource: { 'service.name': 'client.default' },
  });
  const tracing = {
    zipkin: { address: 'z.default:80' },
    sampling: 20,
    maxPathTagLength: 9,
    enableIstioTags: false,
    customTags: { a: { literal: { value: 'b' } } },
  };
  const mesh = { enableTracing: true, defaultConfig: { tracing } };
  t.match(client(service('z'), { meshConfig: mesh }), {
    randomSamplingPercent: 20,
    collector: { protocol: 'zipkin', url: 'http://10.1.0.1:9000/api/v2/spans', timeoutMs: 5000 },
    customTags: [{ kind: 'literal', name: 'a', value: 'b' }],
    istioTags: false,
    maxPathTagLength: 9,
  });
  t.equal(of('{}', { meshConfig: mesh }), null, 'a Telemetry names its provider itself');
});

t.test('the default provider, and what a Telemetry says', async (t) => {
  const collector = { protocol: 'otlp-grpc', url: 'http://otel.example.com:4317' };
  t.match(client('', withDefault), { collector, randomSamplingPercent: 1 });
  t.match(of('{randomSamplingPercentage: 0}'), { randomSamplingPercent: 0 });
  t.match(of('{enableIstioTags: false}'), { istioTags: false });
  t.equal(of('{disableSpanReporting: true}'), null);
  t.match(of('{providers: [{name: zipkin}, {name: otel}]}'), { collector: { protocol: 'zipkin' } });
  t.equal(of('{providers: [{name: prometheus}]}'), null);
});

t.test('what one level says stays until another says otherwise', async (t) => {
  const yaml =
    telemetry(
      'istio-system/r',
      '{tracing: [{providers: [{name: otel}], randomSamplingPercentage: 10, customTags: {a: {literal: {value: r}}}}]}',
    ) + telemetry('n', '{tracing: [{randomSamplingPercentage: 20, customTags: {}}]}');
  t.match(client(yaml, providers), {
    randomSamplingPercent: 20,
    collector: { url: 'http://otel.example.com:4317' },
    customTags: [{ name: 'a' }],
  });
});

t.test('modes: each side has its own', async (t) => {
  const yaml = telemetry(
    't',
    '{tracing: [{match: {mode: CLIENT}, disableSpanReporting: true}, {match: {mode: SERVER}, randomSamplingPercentage: 7}]}',
  );
  const { client, server } = telemetryOf(yaml, settingsOf(withDefault));
  t.equal(client.tracing, null);
  t.match(server.tracing, { randomSamplingPercent: 7 });
});

t.test('trace headers are handled on the listeners of a side that traces', async (t) => {
  const yaml = telemetry('t', '{tracing: [{match: {mode: SERVER}, disableSpanReporting: true}]}');
  const inbound = [{ address: '127.0.0.1', port: 15006, appPort: 8080 }];
  const { mesh } = translate(service('a') + yaml, { ...settingsOf(withDefault), inbound });
  const tracing = mesh.listeners.flatMap(({ direction, filterChains }) =>
    filterChains.flatMap((chain) =>
      chain.kind === 'http' ? [`${direction} ${chain.http.tracing}`] : [],
    ),
  );
  t.strictSame([...new Set(tracing)], ['outbound true', 'inbound false']);
});

t.test('custom tags, sorted by name', async (t) => {
  const tags = `{z: {literal: {value: v}}, e: {environment: {name: HOME, defaultValue: d}},
    h: {header: {name: X-Id}}, f: {formatter: {value: "%PROTOCOL%"}}}`;
  t.strictSame(of(`{customTags: ${tags}}`)?.customTags, [
    { kind: 'environment', name: 'e', variable: 'HOME', defaultValue: 'd' },
    { kind: 'format', name: 'f', format: '%PROTOCOL%' },
    { kind: 'header', name: 'h', header: 'x-id', defaultValue: null },
    { kind: 'literal', name: 'z', value: 'v' },
  ]);
});

t.test('OTLP over HTTP, with headers, time limit and tag length', async (t) => {
  process.env['SLUICE_TEST_TOKEN'] = 'secret';
  t.teardown(() => {
    delete process.env['SLUICE_TEST_TOKEN'];
  });
  const opentelemetry = {
    ...otel.opentelemetry,
    maxTagLength: 40,
    http: {
      path: 'v2/t',
      timeout: '2s',
      headers: [
        { name: 'X-Key', value: 'k' },
        { name: 'authorization', envName: 'SLUICE_TEST_TOKEN' },
        { name: 'x-none', envName: 'SLUICE_TEST_NOTHING' },
      ],
    },
  };
  const mesh = { extensionProviders: [{ name: 'h', opentelemetry }] };
  const settings = of('{providers: [{name: h}]}', { meshConfig: mesh });
  t.strictSame(settings?.collector, {
    protocol: 'otlp-http',
    url: 'http://otel.example.com:4317/v2/t',
    headers: { 'x-key': 'k', authorization: 'secret' },
    timeoutMs: 2000,
  });
  t.equal(settings?.maxPathTagLength, 40);
});

t.test('a service: an endpoint of it, of its namespace, or with TLS its name', async (t) => {
  const url = (host: string, yaml: string) => {
    const opentelemetry = { service: host, port: 80, http: {} };
    const mesh = { extensionProviders: [{ name: 'o', opentelemetry }] };
    const spec = telemetry('t', '{tracing: [{providers: [{name: o}]}]}') + yaml;
    return client(spec, { meshConfig: mesh })?.collector?.url;
  };
  const far = service('c', 'far').replace('10.1.0.1', '10.9.9.9').replace('c.far', 'c.default');
  const host = 'c.default.svc.cluster.local';
  t.equal(url(host, service('c')), 'http://10.1.0.1:9000/v1/traces');
  t.equal(url(`far/${host}`, service('c') + far), 'http://10.9.9.9:9000/v1/traces');
  const dns = service('c').replace('STATIC', 'DNS').replace('10.1.0.1', 'col.example.com');
  t.equal(url(host, dns), 'http://col.example.com:9000/v1/traces');
  const v6 = service('c').replace('10.1.0.1', '"::1"');
  t.equal(url(host, v6), 'http://[::1]:9000/v1/traces');
  const tls = resource(
    'DestinationRule',
    'c',
    `{host: ${host}, trafficPolicy: {tls: {mode: SIMPLE}}}`,
  );
  t.equal(url(host, service('c') + tls), `https://${host}:9000/v1/traces`);
});

/** Traces for port `port` of the service `c`, with what `yaml` says beside it. */
function toService(port: number, yaml: string) {
  const opentelemetry = { service: 'c.default.svc.cluster.local', port };
  const meshConfig = { extensionProviders: [{ name: 'o', opentelemetry }] };
  const named = telemetry('t', '{tracing: [{providers: [{name: o}]}]}');
  return translate(named + service('c') + yaml, settingsOf({ meshConfig }));
}

function ruleOf(tls: string): string {
  const spec = `{host: c.default.svc.cluster.local, trafficPolicy: {tls: ${tls}}}`;
  return resource('DestinationRule', 'c', spec);
}

t.test('nothing goes in plain text where a client certificate is asked for', async (t) => {
  const files = 'clientCertificate: a, privateKey: b';
  for (const tls of [`{mode: MUTUAL, ${files}}`, '{mode: ISTIO_MUTUAL}']) {
    const translation = toService(80, ruleOf(tls));
    t.equal(translation.mesh.telemetry.client.tracing, null);
    t.match(translation.findings, [{ code: 'SLC0257', severity: 'error', line: 5 }]);
    t.match(messages(translation), [
      /DestinationRule default\/c asks for TLS mode \w+, and no certificate is shown to collectors/,
    ]);
  }
  t.strictSame(toService(80, ruleOf('{mode: DISABLE}')).findings, [], 'plain text is meant');
});

t.test('authorities of a DestinationRule are not used for collectors, which is told', async (t) => {
  const translation = toService(80, ruleOf('{mode: SIMPLE, caCertificates: ca.pem}'));
  const url = 'https://c.default.svc.cluster.local:9000';
  t.match(translation.mesh.telemetry.client.tracing, { collector: { url } });
  t.match(translation.findings, [{ code: 'SLC0258', severity: 'warning' }]);
  t.match(messages(translation), [/caCertificates of DestinationRule default\/c are not used/]);
});

t.test('a port that the service does not have takes nothing', async (t) => {
  const translation = toService(4999, '');
  t.equal(translation.mesh.telemetry.client.tracing, null);
  t.match(translation.findings, [{ code: 'SLC0256', severity: 'warning', hint: 'its ports: 80' }]);
});

t.test('a host that is in no file is looked up by DNS, which is told', async (t) => {
  const translation = translate('', settingsOf(withDefault));
  t.match(messages(translation), [
    /^SLC0253 "otel.example.com" is no service of the registry; it is looked up by DNS/,
  ]);
  t.match(translation.findings, [{ severity: 'info' }]);
});

t.test('a collector that is no service may be an address', async (t) => {
  const byAddress = { name: 'otel', opentelemetry: { service: '10.0.0.1', port: 4317 } };
  const meshConfig = { ...withDefault.meshConfig, extensionProviders: [byAddress] };
  const translation = translate('', settingsOf({ meshConfig }));
  t.match(messages(translation), [/^SLC0253 "10\.0\.0\.1" is no service.*sent to that address/]);
  t.match(translation.findings, [{ severity: 'info', hint: null }]);
});

t.test('the short form of a Bootstrap', async (t) => {
  const tracing = { endpoint: 'http://127.0.0.1:4318' };
  const of = (changes: object, yaml = '', meshConfig: object = {}) =>
    client(yaml, { tracing: { ...tracing, ...changes }, meshConfig });
  t.match(of({}), {
    randomSamplingPercent: 1,
    collector: { protocol: 'otlp-http', url: 'http://127.0.0.1:4318/v1/traces', timeoutMs: 10_000 },
  });
  t.match(of({ sampling: 100, protocol: 'otlp-grpc' }), {
    randomSamplingPercent: 100,
    collector: { protocol: 'otlp-grpc', url: 'http://127.0.0.1:4318' },
  });
  t.match(of({ protocol: 'zipkin' }), {
    collector: { url: 'http://127.0.0.1:4318/api/v2/spans' },
  });
  t.match(of({ endpoint: 'https://c.example.com/in?key=1' }), {
    collector: { url: 'https://c.example.com/in?key=1' },
  });
  const sampled = telemetry('t', '{tracing: [{randomSamplingPercentage: 3}]}');
  t.match(of({ sampling: 100 }, sampled), { randomSamplingPercent: 3 });
  const named = telemetry('t', '{tracing: [{providers: [{name: zipkin}]}]}');
  t.match(of({}, named, withDefault.meshConfig), { collector: { protocol: 'zipkin' } });
  t.match(of({}, '', withDefault.meshConfig), { collector: { protocol: 'otlp-http' } });
});

t.test('the resource of spans', async (t) => {
  const settings = settingsOf({ meshConfig: { enableTracing: true } });
  const resourceOf = (labels: object, tracingServiceName = 'APP_LABEL_AND_NAMESPACE') => {
    const defaultConfig = { tracingServiceName };
    const { mesh } = settingsOf({ meshConfig: { enableTracing: true, defaultConfig } });
    const identity = { ...settings.identity, labels: { ...labels } };
    return telemetryOf('', { ...settings, mesh, identity }).client.tracing?.resource;
  };
  const labels = { app: 'a', 'app.kubernetes.io/name': 'n' };
  t.strictSame(resourceOf(labels), { 'service.name': 'a.default' });
  t.match(resourceOf({}), { 'service.name': 'istio-proxy.default' });
  t.match(resourceOf(labels, 'CANONICAL_NAME_ONLY'), { 'service.name': 'n' });
  t.match(resourceOf(labels, 'CANONICAL_NAME_AND_NAMESPACE'), { 'service.name': 'n.default' });
});
