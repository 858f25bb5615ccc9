import t from 'tap';
import { findingCode } from '../../../src/config/finding-code.ts';
import { formatPath, Problems } from '../../../src/config/problem.ts';
import { decode } from '../../../src/config/schema/decode.ts';
import { DestinationRuleSpec } from '../../../src/config/schema/destination-rule.ts';
import { PodControllerSpec, ServiceSpec } from '../../../src/config/schema/kubernetes.ts';
import { MeshConfig } from '../../../src/config/schema/mesh-config.ts';
import { HttpRoute } from '../../../src/config/schema/virtual-service.ts';

type Schema = Parameters<typeof decode>[0];

function run(schema: Schema, value: unknown, unknown: 'error' | 'ignore' = 'error') {
  const problems = new Problems();
  const result = decode(schema, value, [], { problems, unknown });
  const found = problems.list.map(({ code, path, hint }) => `${code} ${formatPath(path)} ${hint}`);
  return { result, found, problems: problems.list };
}

t.test('what protobuf accepts is brought into one form', async (t) => {
  const { result, found } = run(HttpRoute, {
    mirror_percentage: { value: '12.5' },
    retries: { attempts: '3', per_try_timeout: '1s' },
    redirect: null,
    headers: { request: null },
    match: [{ headers: { 'x-there': null } }],
  });
  t.strictSame(found, []);
  t.strictSame(result, {
    mirrorPercentage: { value: 12.5 },
    retries: { attempts: 3, perTryTimeout: '1s' },
    headers: {},
    match: [{ headers: { 'x-there': {} } }],
  });
});

t.test('unknown fields say what was meant', async (t) => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ timeuot: '1s' }, 'timeuot did you mean "timeout"?'],
    [{ retry: {} }, 'retry did you mean "retries"?'],
    [
      { route: [{ destination: { host: 'a', weighting: 1 } }] },
      'route[0].destination.weighting did you mean "weight"? it belongs beside "destination", ' +
        'not inside it',
    ],
    [{ fixedDelay: '1s', fault: {} }, 'fixedDelay it belongs inside "fault.delay"'],
    [{ host: 'a', mirror: null }, 'host indent "host" so that it is a part of "mirror"'],
    [
      { match: [{ uri: null, prefix: '/a' }] },
      'match[0].prefix indent "prefix" so that it is a part of "uri"',
    ],
    [{ match: [{ constructor: 1 }] }, 'match[0].constructor'],
  ];
  for (const [value, expected] of cases) {
    const { found } = run(HttpRoute, value);
    t.equal(found.length, 1, expected);
    t.ok(found[0]?.startsWith(`${findingCode.unknownField} ${expected}`), `${found[0]}`);
  }
});

t.test('wrong types and values', async (t) => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ route: { destination: {} } }, 'SLC0031 route begin each item with "- "'],
    [{ name: 1 }, 'SLC0031 name put it in quotes: "1"'],
    [
      { name: { '{ .Values.name }': null } },
      'SLC0031 name fill in the template first: helm template',
    ],
    [{ timeout: 10 }, 'SLC0032 timeout write the unit: "10s" or "10ms"'],
    [{ timeout: '10 sec' }, 'SLC0032 timeout write it like 10s, 1.5h or 250ms'],
    [{ retries: { attempts: 'x' } }, 'SLC0031 retries.attempts null'],
    [{ retries: { attempts: 1.5 } }, 'SLC0032 retries.attempts null'],
    [{ mirrorPercentage: { value: '10%' } }, 'SLC0031 mirrorPercentage.value write 10'],
    [
      { retries: { retryIgnorePreviousHosts: 'true' } },
      'SLC0031 retries.retryIgnorePreviousHosts remove the quotes',
    ],
    [{ match: [{ port: -1 }] }, 'SLC0032 match[0].port null'],
    [{ match: [{ port: 4294967296 }] }, 'SLC0032 match[0].port null'],
    [{ match: [null] }, 'SLC0031 match[0] remove the "-"'],
    [
      { corsPolicy: { unmatchedPreflights: 'forward' } },
      'SLC0032 corsPolicy.unmatchedPreflights did you mean "FORWARD"?',
    ],
    [{ route: [{}] }, 'SLC0033 route[0] null'],
    [{ match: [{ uri: { exact: '/a', prefix: '/' } }] }, 'SLC0034 match[0].uri.prefix null'],
    [{ mirrorPercent: 5 }, 'IST0002 mirrorPercent use mirrorPercentage'],
  ];
  for (const [value, expected] of cases) t.strictSame(run(HttpRoute, value).found, [expected]);
});

t.test('words of enumerations', async (t) => {
  const policy = (simple: string) => ({ host: 'a', trafficPolicy: { loadBalancer: { simple } } });
  const path = 'SLC0032 trafficPolicy.loadBalancer.simple';
  t.strictSame(run(DestinationRuleSpec, policy('LEAST_CONN')).found, []);
  t.strictSame(run(DestinationRuleSpec, policy('round-robin')).found, [
    `${path} did you mean "ROUND_ROBIN"?`,
  ]);
  t.match(run(DestinationRuleSpec, policy('x')).found, [/one of UNSPECIFIED, LEAST_CONN, RANDOM/]);
});

t.test('of Kubernetes objects only the fields that are read are checked', async (t) => {
  const value = {
    ports: [{ port: 80, targetPort: 'http' }],
    selector: { app: null },
    ipFamilies: ['IPv4'],
  };
  const { result, found } = run(ServiceSpec, value, 'ignore');
  t.strictSame(found, []);
  t.strictSame(result, { ports: [{ port: 80, targetPort: 'http' }], selector: {} });
  t.match(run(ServiceSpec, { ports: [{ port: 'x' }] }, 'ignore').found, [
    /SLC0031 ports\[0\]\.port/,
  ]);
});

t.test('fields that Kubernetes does not have are named where all it has are known', async (t) => {
  const code = findingCode.unknownToKubernetes;
  const service = { loadBalancerIp: '1.2.3.4', ports: [{ port: 80, protocl: 'TCP', zzz: 1 }] };
  t.match(run(ServiceSpec, service, 'ignore').problems, [
    { code, path: ['loadBalancerIp'], hint: 'did you mean "loadBalancerIP"?' },
    { code, path: ['ports', 0, 'protocl'], hint: 'did you mean "protocol"?' },
    { code, path: ['ports', 0, 'zzz'], hint: /^it has name, protocol/ },
  ]);
  const controller = { template: { spec: { containers: [{ prots: [] }], anything: 1 } } };
  t.strictSame(run(PodControllerSpec, controller, 'ignore').problems, []);
  const misplaced = { template: { replicas: 2 } };
  t.match(run(PodControllerSpec, misplaced, 'ignore').problems, [
    { code, hint: 'it belongs beside "template", not inside it' },
  ]);
});

t.test('fields of MeshConfig that are not honoured are named', async (t) => {
  const { problems } = run(MeshConfig, { enableTracin: true, configSources: [] });
  t.match(problems, [
    { code: findingCode.noEffect, hint: 'did you mean "enableTracing"?' },
    { code: findingCode.noEffect, hint: null },
  ]);
});

t.test('keys that objects inherit are data like any other', async (t) => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  const { result, found } = run(HttpRoute, { match: [{ sourceLabels: labels }] });
  t.strictSame(found, []);
  const [match] = (result as { match: { sourceLabels: object }[] }).match;
  t.strictSame(Object.entries(match?.sourceLabels ?? {}), Object.entries(labels));
});
