import t from 'tap';
import { ResourceLoader } from '../../../src/config/parse/load.ts';
import { formatMistake } from '../../../src/telemetry/format/format-mistake.ts';

/** `code path: message` of a resource, path below its spec. */
function findings(apiVersion: string, kind: string, spec: unknown): string[] {
  const text = JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec });
  return new ResourceLoader(formatMistake)
    .load([{ path: 'a.json', text }])
    .findings.map(({ code, path, message }) => `${code} ${path.slice('spec.'.length)}: ${message}`);
}

function bootstrap(spec: unknown): string[] {
  return findings('sluice.dev/v1', 'Bootstrap', spec);
}

const mesh = (meshConfig: object) => bootstrap({ meshConfig });
const provider = (kind: object) => mesh({ extensionProviders: [{ name: 'p', ...kind }] });
const file = (logFormat: object) => provider({ envoyFileAccessLog: { logFormat } });
const otlp = (logFormat: object) =>
  provider({ envoyOtelAls: { service: 'a', port: 1, logFormat } });
const tag = (value: string) =>
  findings('telemetry.istio.io/v1', 'Telemetry', {
    tracing: [{ customTags: { a: { formatter: { value } } } }],
  });

t.test('formats that can be used have no finding', async (t) => {
  const right = [
    file({ text: '%PROTOCOL% 100%%' }),
    file({ labels: { a: '%PROTOCOL%', b: { c: 1, d: ['%RESPONSE_CODE%'] } } }),
    otlp({ text: '%REQ(:PATH)%', labels: { a: '%PROTOCOL%' } }),
    mesh({ accessLogFormat: '%PROTOCOL%' }),
    mesh({ accessLogFormat: '{"a":"%PROTOCOL%"}', accessLogEncoding: 'JSON' }),
    bootstrap({ accessLog: { format: 'json' } }),
    tag('%RESPONSE_FLAGS%'),
  ];
  for (const found of right) t.strictSame(found, []);
});

t.test('formats that cannot be used are told with their place', async (t) => {
  const nope = /%NOPE% is no operator, at character 3 of the format/;
  const table: readonly (readonly [string[], RegExp, RegExp])[] = [
    [file({ text: 'a %NOPE%' }), /^IST0106 .*envoyFileAccessLog.logFormat.text: /, nope],
    [file({ labels: { a: { b: 'a %NOPE%' } } }), /envoyFileAccessLog.logFormat.labels.a.b: /, nope],
    [otlp({ text: 'a %NOPE%' }), /envoyOtelAls.logFormat.text: /, nope],
    [otlp({ labels: { a: 'a %NOPE%' } }), /envoyOtelAls.logFormat.labels.a: /, nope],
    [mesh({ accessLogFormat: 'a %NOPE%' }), /^IST0106 meshConfig.accessLogFormat: /, nope],
    [
      mesh({ accessLogFormat: '{"a":"a %NOPE%"}', accessLogEncoding: 'JSON' }),
      /^IST0106 meshConfig.accessLogFormat: /,
      nope,
    ],
    [
      mesh({ accessLogFormat: '%PROTOCOL%', accessLogEncoding: 'JSON' }),
      /^IST0106 meshConfig.accessLogFormat: /,
      /it is no JSON object/,
    ],
    [bootstrap({ accessLog: { format: 'a %NOPE%' } }), /^IST0106 accessLog.format: /, nope],
    [
      mesh({ defaultConfig: { tracing: { customTags: { a: { formatter: { value: '%X' } } } } } }),
      /^IST0106 meshConfig.defaultConfig.tracing.customTags.a.formatter.value: /,
      /%X has no "%" at its end/,
    ],
    [tag('a %NOPE%'), /^IST0106 tracing\[0\].customTags.a.formatter.value: /, nope],
    [tag('plain'), /^IST0133 tracing\[0\].customTags.a.formatter.value: /, /has no operator/],
  ];
  for (const [found, place, message] of table) {
    t.equal(found.length, 1, found.join(' | '));
    t.match(found[0], place);
    t.match(found[0], message);
  }
});
