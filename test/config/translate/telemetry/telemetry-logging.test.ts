import t from 'tap';
import type { AccessLogSettings } from '../../../../src/model/access-log-settings.ts';
import { service, translate } from '../translate-yaml.ts';
import { messages, settingsOf, telemetry, telemetryOf } from './telemetry-yaml.ts';

/** `path encoding format if filter` of each log. */
function logs(list: readonly AccessLogSettings[]): string[] {
  return list.map((log) => {
    const where =
      log.kind === 'file' ? `${log.path} ${log.encoding} ${log.format}` : `otlp ${log.logName}`;
    return log.filter === null ? where : `${where} if ${log.filter}`;
  });
}

/** Those of the outbound side. */
function client(yaml: string, spec: object = {}, flags: object = {}): string[] {
  return logs(telemetryOf(yaml, settingsOf(spec, flags)).client.accessLogs);
}

const toFile = { meshConfig: { accessLogFile: '/dev/stdout' } };
const line = '/dev/stdout text null';
const envoy = 'providers: [{name: envoy}]';

t.test('without Telemetry the file of the settings is written', async (t) => {
  t.strictSame(client(''), ['- text null']);
  t.strictSame(client('', toFile), [line]);
  t.strictSame(client('', { meshConfig: { accessLogFile: '' } }), []);
  t.strictSame(client('', toFile, { accessLog: 'a.log' }), ['a.log text null']);
});

t.test('levels: root namespace, namespace, workload', async (t) => {
  const root = telemetry('istio-system/r', `{accessLogging: [{${envoy}}]}`);
  const off = '{accessLogging: [{disabled: true}]}';
  const on = '{selector: {matchLabels: {app: client}}, accessLogging: [{disabled: false}]}';
  t.strictSame(client(root), [line]);
  t.strictSame(client(root + telemetry('n', off)), []);
  t.strictSame(client(root + telemetry('other/n', off)), [line]);
  t.strictSame(client(root + telemetry('n', off) + telemetry('w', on)), [line]);
  const stranger = '{selector: {matchLabels: {app: x}}, accessLogging: [{disabled: true}]}';
  t.strictSame(client(root + telemetry('w', stranger)), [line]);
});

t.test('what is disabled is not written by accessLogFile either', async (t) => {
  const yaml = telemetry('istio-system/r', `{accessLogging: [{${envoy}, disabled: true}]}`);
  t.strictSame(client(yaml, toFile), []);
});

t.test('disabling without a provider leaves accessLogFile as it is, and is told', async (t) => {
  const yaml = telemetry('istio-system/r', '{accessLogging: [{disabled: true}]}');
  t.strictSame(client(yaml, toFile), [line]);
  const translation = translate(yaml, settingsOf(toFile));
  t.match(messages(translation), [/^SLC0254 .*no provider to disable: \/dev\/stdout goes on/]);
  t.strictSame(client(yaml), [], 'but a log that nobody has asked for is off');
  t.strictSame(messages(translate(yaml, settingsOf({}))), []);
  const defaults = { meshConfig: { defaultProviders: { accessLogging: ['envoy'] } } };
  t.strictSame(client(yaml, defaults), []);
});

t.test('modes: outbound and gateways are CLIENT, inbound is SERVER', async (t) => {
  const yaml = telemetry(
    't',
    `{accessLogging: [{${envoy}}, {match: {mode: CLIENT}, disabled: true}]}`,
  );
  const { client: out, server } = telemetryOf(yaml, settingsOf({}));
  t.strictSame([logs(out.accessLogs), logs(server.accessLogs)], [[], [line]]);
});

t.test('filters stand beside the providers they are for', async (t) => {
  const filter = 'filter: {expression: "response.code >= 400"}';
  const filtered = telemetry('t', `{accessLogging: [{${envoy}, ${filter}}]}`);
  t.strictSame(client(filtered), [`${line} if response.code >= 400`]);
  const defaults = { meshConfig: { defaultProviders: { accessLogging: ['envoy'] } } };
  const alone = telemetry('t', `{accessLogging: [{${filter}}]}`);
  t.strictSame(client(alone, defaults), [line]);
  t.match(messages(translate(alone, settingsOf(defaults))), [/^SLC0254 the filter has no effect/]);
  const never = telemetry('t', `{accessLogging: [{${envoy}, filter: {expression: "foo.bar"}}]}`);
  t.strictSame(client(never), [`${line} if false`]);
});

t.test('providers of files', async (t) => {
  const extensionProviders = [
    { name: 'text', envoyFileAccessLog: { path: 'a.log', logFormat: { text: '%PROTOCOL%' } } },
    { name: 'plain', envoyFileAccessLog: {} },
    { name: 'labels', envoyFileAccessLog: { logFormat: { labels: { p: '%PROTOCOL%', n: 1 } } } },
    { name: 'no-labels', envoyFileAccessLog: { logFormat: { labels: {} } } },
  ];
  const meshConfig = { extensionProviders, accessLogEncoding: 'JSON', accessLogFormat: '{}' };
  const named = (name: string) =>
    client(telemetry('t', `{accessLogging: [{providers: [{name: ${name}}]}]}`), { meshConfig });
  t.strictSame(named('text'), ['a.log text %PROTOCOL%']);
  t.strictSame(named('TEXT'), ['a.log text %PROTOCOL%'], 'case does not count');
  t.strictSame(named('plain'), [line]);
  t.strictSame(named('labels'), ['/dev/stdout json {"p":"%PROTOCOL%","n":1}']);
  t.strictSame(named('no-labels'), ['/dev/stdout json null']);
  t.strictSame(named('envoy'), ['/dev/stdout json {}'], 'the built-in one has accessLogFormat');
});

t.test('the built-in provider writes where the command line says', async (t) => {
  const yaml = telemetry('t', `{accessLogging: [{${envoy}, filter: {expression: "true"}}]}`);
  t.strictSame(client(yaml, {}, { accessLog: 'a.log' }), ['a.log text null if true']);
  t.strictSame(client(yaml, {}, { accessLogFormat: 'json' }), ['- json null if true']);
  t.strictSame(client(yaml, {}, { accessLog: 'off' }), []);
  const own = [{ name: 'envoy', envoyFileAccessLog: { path: 'b.log' } }];
  const replaced = { meshConfig: { extensionProviders: own } };
  t.strictSame(client(yaml, replaced, { accessLog: 'a.log' }), ['b.log text null if true']);
});

t.test('several providers, in the order of their names', async (t) => {
  const extensionProviders = [{ name: 'a', envoyFileAccessLog: { path: 'a.log' } }];
  const yaml = telemetry('t', '{accessLogging: [{providers: [{name: envoy}, {name: a}]}]}');
  t.strictSame(client(yaml, { meshConfig: { extensionProviders } }), ['a.log text null', line]);
});

t.test('a lower level that names providers takes the place of those above', async (t) => {
  const extensionProviders = [{ name: 'a', envoyFileAccessLog: { path: 'a.log' } }];
  const yaml =
    telemetry('istio-system/r', `{accessLogging: [{${envoy}}]}`) +
    telemetry('n', '{accessLogging: [{providers: [{name: a}]}]}');
  t.strictSame(client(yaml, { meshConfig: { extensionProviders } }), ['a.log text null']);
});

t.test('OTLP: an endpoint of the registry', async (t) => {
  const otlp = {
    service: 'logs.default.svc.cluster.local',
    port: 80,
    logFormat: { text: '%PROTOCOL%', labels: { code: '%RESPONSE_CODE%' } },
  };
  const meshConfig = { extensionProviders: [{ name: 'o', envoyOtelAls: otlp }] };
  const yaml = telemetry('t', '{accessLogging: [{providers: [{name: o}]}]}') + service('logs');
  t.strictSame(telemetryOf(yaml, settingsOf({ meshConfig })).client.accessLogs, [
    {
      kind: 'otlp',
      filter: null,
      collector: {
        protocol: 'otlp-grpc',
        url: 'http://10.1.0.1:9000',
        headers: {},
        timeoutMs: 10_000,
      },
      logName: 'otel_envoy_accesslog',
      body: '%PROTOCOL%',
      attributes: { code: '%RESPONSE_CODE%' },
    },
  ]);
});

t.test('providers that are not there, or of another kind', async (t) => {
  const extensionProviders = [{ name: 'z', zipkin: { service: 'z', port: 9411 } }];
  const settings = settingsOf({ meshConfig: { extensionProviders, accessLogFile: 'a.log' } });
  const named = (name: string) =>
    translate(telemetry('t', `{accessLogging: [{providers: [{name: ${name}}]}]}`), settings);
  const unknown = named('envoi');
  t.strictSame(logs(unknown.mesh.telemetry.client.accessLogs), ['a.log text null']);
  t.match(unknown.findings, [
    {
      code: 'SLC0250',
      hint: 'did you mean "envoy"?',
      path: 'spec.accessLogging[0].providers[0].name',
    },
  ]);
  t.match(messages(named('z')), [/^SLC0251 the provider "z" \(zipkin\) takes no access logs/]);
});

t.test('of two resources for one namespace the older counts alone', async (t) => {
  const older = '{creationTimestamp: "2020-01-01T00:00:00Z", ';
  const yaml =
    telemetry('a', '{accessLogging: [{providers: [{name: nobody}]}]}').replace(
      '{name: a',
      '{creationTimestamp: "2021-01-01T00:00:00Z", name: a',
    ) + telemetry('b', `{accessLogging: [{${envoy}}]}`).replace('{name: b', `${older}name: b`);
  const translation = translate(yaml, settingsOf({}));
  t.strictSame(logs(translation.mesh.telemetry.client.accessLogs), [line]);
  t.match(translation.findings, [{ code: 'SLC0252', resource: 'Telemetry default/a' }]);
  t.match(messages(translation), [/"b" is for the whole namespace too, and older: it counts/]);
});

t.test('of two resources of one age the first by name counts', async (t) => {
  const yaml =
    telemetry('b', '{accessLogging: [{}]}') + telemetry('a', `{accessLogging: [{${envoy}}]}`);
  t.match(messages(translate(yaml, settingsOf({}))), [
    /^SLC0252 "a" is for the whole namespace too, and first by name: it counts alone/,
  ]);
});

t.test('of two that select the proxy both count, the younger last', async (t) => {
  const select = 'selector: {matchLabels: {app: client}}';
  const yaml =
    telemetry('a', `{${select}, accessLogging: [{${envoy}}]}`) +
    telemetry('b', `{${select}, accessLogging: [{disabled: true}]}`);
  const translation = translate(yaml, settingsOf({}));
  t.strictSame(logs(translation.mesh.telemetry.client.accessLogs), []);
  t.match(messages(translation), [/^SLC0252 "a" selects this proxy too/]);
});

t.test('targetRefs are for the proxies of a Gateway alone', async (t) => {
  const target = (name: string) =>
    telemetry('t', `{targetRefs: [{kind: Gateway, name: ${name}}], accessLogging: [{${envoy}}]}`);
  const settings = settingsOf({});
  const labels = { 'gateway.networking.k8s.io/gateway-name': 'gw' };
  const gateway = { ...settings, identity: { ...settings.identity, labels } };
  t.strictSame(logs(telemetryOf(target('gw'), gateway).client.accessLogs), [line]);
  t.strictSame(logs(telemetryOf(target('other'), gateway).client.accessLogs), ['- text null']);
  t.strictSame(logs(telemetryOf(target('gw'), settings).client.accessLogs), ['- text null']);
});
