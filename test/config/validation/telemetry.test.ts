import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

/** `severity code path: message` of a resource, path below its spec. */
function findings(apiVersion: string, kind: string, spec: unknown): string[] {
  const text = JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec });
  return loadResources([{ path: 'a.json', text }]).findings.map(
    ({ severity, code, path, message }) =>
      `${severity} ${code} ${path.replace(/^spec\.?/, '')}: ${message}`,
  );
}

function telemetry(spec: unknown): string[] {
  return findings('telemetry.istio.io/v1', 'Telemetry', spec);
}

function bootstrap(spec: unknown): string[] {
  return findings('sluice.dev/v1', 'Bootstrap', spec);
}

const logging = (item: object) => telemetry({ accessLogging: [item] });
const tracing = (item: object) => telemetry({ tracing: [item] });
const metrics = (override: object) => telemetry({ metrics: [{ overrides: [override] }] });
const tag = (value: unknown, name = 'l') => metrics({ tagOverrides: { [name]: value } });
const provider = (kind: object) =>
  bootstrap({ meshConfig: { extensionProviders: [{ name: 'p', ...kind }] } });

t.test('what is right has no finding', async (t) => {
  const filter = { expression: "response.code >= 400 || 'x' in request.headers" };
  const right = [
    logging({ providers: [{ name: 'envoy' }], filter, match: { mode: 'SERVER' } }),
    tracing({ randomSamplingPercentage: 100, customTags: { a: { literal: { value: 'b' } } } }),
    tracing({ providers: [{ name: 'x' }], disableSpanReporting: false, enableIstioTags: true }),
    metrics({ match: { metric: 'REQUEST_COUNT', mode: 'CLIENT' }, disabled: true }),
    tag({ value: 'request.host' }),
    tag({ operation: 'REMOVE' }),
    telemetry({ selector: { matchLabels: { app: 'a' } } }),
    telemetry({
      targetRefs: [{ kind: 'Gateway', name: 'gw', group: 'gateway.networking.k8s.io' }],
    }),
    bootstrap({ tracing: { endpoint: 'http://127.0.0.1:4318', protocol: 'zipkin', sampling: 0 } }),
    provider({ opentelemetry: { service: 'ns/o.example.com', port: 4317, http: { path: '/t' } } }),
    provider({ zipkin: { service: '10.0.0.1', port: 9411, timeout: '1s' } }),
    provider({ envoyFileAccessLog: { logFormat: { labels: { a: '%PROTOCOL%', b: { c: 1 } } } } }),
    provider({ prometheus: {} }),
  ];
  for (const found of right) t.strictSame(found, []);
});

t.test('what is wrong is told', async (t) => {
  const otel = (service: string, port = 1) => provider({ opentelemetry: { service, port } });
  const table: readonly (readonly [string[], RegExp])[] = [
    [
      logging({ providers: [{ name: '' }] }),
      /error IST0106 accessLogging\[0\].providers\[0\].name/,
    ],
    [logging({ providers: [{}] }), /error SLC0033 .*"name" is missing/],
    [logging({ match: { mode: 'BOTH' } }), /error SLC0032 accessLogging\[0\].match.mode/],
    [logging({ filter: { expression: 'a ==' } }), /error IST0106 .*is not a CEL expression/],
    [logging({ filter: {} }), /error IST0106 .*it is empty/],
    [
      logging({ filter: { expression: 'respons.code > 1' } }),
      /warning IST0133 .*"respons.code > 1" never has a value: .*; nothing is logged/,
    ],
    [
      logging({ filter: { expression: '1 + 1' } }),
      /warning IST0133 .*"1 \+ 1" is not a filter: its value is of type int, .*nothing is logged/,
    ],
    [logging({ filter: { expression: 'response.code' } }), /warning IST0133 .*is not a filter/],
    [
      logging({ filter: { expression: 'response.code > "400"' } }),
      /warning IST0133 .*a part that never has a value: no such overload: int > string/,
    ],
    [
      logging({ filter: { expression: 'response.code == "200"' } }),
      /warning IST0133 .*the same for every request: int and string are never equal.*that part decides nothing/,
    ],
    [tag({ value: 'request.host != 1' }), /warning IST0133 .*string and int are never equal/],
    [
      logging({ filter: { expression: 'request.duration > 1000' } }),
      /warning IST0133 .*overload: google.protobuf.Duration > int.*; nothing is logged where/,
    ],
    [
      logging({ filter: { expression: 'request.headers.foo.startsWith(3)' } }),
      /warning IST0133 .*found no matching overload/,
    ],
    [tag({ value: 'request.duration + 1' }), /warning IST0133 .*label is "unknown" where it dec/],
    [tracing({ randomSamplingPercentage: 101 }), /error IST0106 .*must be 0 to 100, not 101/],
    [tracing({ providers: [{ name: 'a' }, { name: 'b' }] }), /warning IST0133 .*only the first/],
    [tracing({ customTags: { a: {} } }), /error IST0106 tracing\[0\].customTags.a: the tag has no/],
    [tracing({ customTags: { a: { literal: { value: '' } } } }), /the value must not be empty/],
    [tracing({ customTags: { a: { header: { name: '' } } } }), /the name must not be empty/],
    [tracing({ customTags: { a: { literal: { value: 'x' }, header: { name: 'y' } } } }), /SLC0034/],
    [tracing({ useRequestIdForTraceSampling: true }), /warning SLC0035/],
    [metrics({ match: { customMetric: '' } }), /error IST0106 .*name of the metric/],
    [metrics({ match: { metric: 'REQUESTS' } }), /error SLC0032/],
    [tag({ operation: 'UPSERT' }), /error IST0106 .*UPSERT needs a value/],
    [tag({ operation: 'REMOVE', value: 'x' }), /error IST0106 .*REMOVE takes no value/],
    [tag({ value: 'request.host' }, 'a-b'), /error IST0106 .*"a-b" is not the name of a label/],
    [tag({ value: 'request.host' }, 'le'), /error IST0106 .*"le" is Prometheus's own/],
    [tag({ value: 'request.host' }, 'quantile'), /error IST0106 .*"quantile" is Prometheus's/],
    [tag({ operation: 'REMOVE' }, '__name__'), /error IST0106 .*"__name__" is Prometheus's own/],
    [tag({ value: 'a b' }), /warning IST0133 .*not a CEL expression: .*the label is left as it is/],
    [tag({ value: 'prod' }), /warning IST0133 .*"prod" never has a value: .*label is "unknown"/],
    [
      telemetry({ selector: { matchLabels: { app: '*' } } }),
      /error IST0106 .*cannot have a wildcard/,
    ],
    [telemetry({ selector: {}, targetRefs: [] }), /SLC0034/],
    [
      telemetry({ targetRefs: [{ kind: 'Service', name: 'a' }] }),
      /warning SLC0035 targetRefs\[0\].kind: a target of kind "Service" has no effect/,
    ],
    [telemetry({ metrics: [{ overides: [] }] }), /error SLC0030 metrics\[0\].overides: unknown/],
    [
      tracing({ randomSamplingPercent: 5 }),
      /error SLC0030 tracing\[0\].randomSamplingPercent: unknown field/,
    ],
    [otel('a b'), /error IST0106 .*"a b" is not the host of a service/],
    [otel('a', 0), /error IST0106 .*port number must be 1 to 65535/],
    [provider({}), /error IST0106 .*"p" is of no kind/],
    [provider({ datadog: { service: 'd', port: 1 } }), /warning SLC0035 .*has no such provider/],
    [provider({ zipkin: { service: 'a', port: 1 }, prometheus: {} }), /error SLC0034/],
    [bootstrap({ tracing: { endpoint: '127.0.0.1:4318' } }), /error IST0106 tracing.endpoint/],
    [bootstrap({ tracing: { endpoint: 'http://a', sampling: -1 } }), /tracing.sampling/],
    [
      bootstrap({ meshConfig: { defaultConfig: { tracing: { sampling: 200 } } } }),
      /meshConfig.defaultConfig.tracing.sampling: .*0 to 100/,
    ],
  ];
  for (const [found, expected] of table) {
    t.equal(found.length, 1, `one finding: ${found.join(' | ')}`);
    t.match(found[0], expected);
  }
});

t.test('filters that compare what may be compared', async (t) => {
  const right = [
    'request.duration > duration("1s")',
    'response.code >= 400 && response.code < 500.0',
    'has(request.headers.foo) || "a" in response.trailers',
    'response.code != 400.0',
    'request.referer != null',
    'upstream.locality.zone == "a" || xds.cluster_metadata.filter_metadata.istio.x == 1',
    'request.path.matches("^/a") && connection.mtls && !(source.port in [1, 2])',
  ];
  for (const expression of right) t.strictSame(logging({ filter: { expression } }), [], expression);
});

t.test('headers for collectors', async (t) => {
  process.env['SLUICE_TEST_HEADER'] = 'a\nb';
  t.teardown(() => {
    delete process.env['SLUICE_TEST_HEADER'];
  });
  const otlp = (kind: object) => provider({ opentelemetry: { service: 'a', port: 1, ...kind } });
  const http = (header: object) => otlp({ http: { headers: [header] } });
  const grpc = (header: object) => otlp({ grpc: { initialMetadata: [header] } });
  const zipkin = (header: object) =>
    provider({ zipkin: { service: 'a', port: 1, headers: [header] } });
  const table: readonly (readonly [string[], RegExp])[] = [
    [http({ name: 'a b', value: 'x' }), /http.headers\[0\].name: "a b" is not a header name/],
    [http({ name: 'content-length', value: '1' }), /is written by the proxy itself/],
    [http({ name: 'a', value: 'secret\u0000' }), /headers\[0\].value: the value of header "a" has/],
    [http({ name: 'a', envName: 'SLUICE_TEST_HEADER' }), /headers\[0\].envName: .*HEADER has/],
    [grpc({ name: 'a!', value: 'x' }), /initialMetadata\[0\].name: "a!" is not a name of gRPC/],
    [grpc({ name: 'k-bin', value: 'x' }), /"k-bin" would be bytes for gRPC/],
    [zipkin({ name: 'a:b', value: 'x' }), /zipkin.headers\[0\].name: "a:b" is not a header name/],
  ];
  for (const [found, expected] of table) {
    t.equal(found.length, 1, found.join(' | '));
    t.match(found[0], /^error IST0106 /);
    t.match(found[0], expected);
    t.notMatch(found[0], /secret/);
  }
  t.strictSame(grpc({ name: 'X-Api-Key', envName: 'SLUICE_TEST_NONE' }), []);
});

t.test('two providers of one name', async (t) => {
  const zipkin = { service: 'a', port: 1 };
  const extensionProviders = [
    { name: 'p', zipkin },
    { name: 'p', zipkin },
  ];
  t.match(bootstrap({ meshConfig: { extensionProviders } }), [/there are two providers "p"/]);
});

t.test('the secret of a header is not shown where it is wrong', async (t) => {
  const http = { headers: [{ name: 'x', value: 12345 }] };
  const found = provider({ opentelemetry: { service: 'a', port: 1, http } });
  t.match(found, [/must be a text, not a number/]);
  t.notMatch(found[0], /12345/);
});
