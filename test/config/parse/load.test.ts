import t from 'tap';
import { formatFinding } from '../../../src/config/finding.ts';
import { ResourceLoader } from '../../../src/config/parse/load.ts';
import { loadResources } from '../../support/load-resources.ts';

function load(text: string) {
  return loadResources([{ path: 'a.yaml', text }]);
}

/** `line:column severity code` of each finding. */
function places(text: string): string[] {
  return load(text).findings.map((finding) => {
    const { line, column, severity, code } = finding;
    return `${line}:${column} ${severity} ${code}`;
  });
}

const service = `apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  ports: [{port: 80, name: http}]
`;

const rule = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - destination: {host: web}
`;

t.test('a file with several documents', async (t) => {
  const { resources, findings } = load(`${service}---\n${rule}---\n# nothing\n---\n`);
  t.strictSame(findings, []);
  t.equal(resources.services[0]?.metadata.namespace, 'default');
  t.equal(resources.services[0]?.spec.ports?.[0]?.port, 80);
  t.equal(resources.virtualServices[0]?.metadata.namespace, 'shop');
  t.strictSame(resources.virtualServices[0]?.positionOf(['spec', 'http', 0]), {
    line: 13,
    column: 5,
  });
});

t.test('lists, also in lists, and JSON', async (t) => {
  const item = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } };
  const inner = { apiVersion: 'v1', kind: 'List', items: [item] };
  const other = { ...item, metadata: { name: 'b' } };
  const list = { apiVersion: 'v1', kind: 'NamespaceList', items: [inner, other] };
  const { resources, findings } = load(JSON.stringify(list, null, '\t'));
  t.strictSame(findings, []);
  t.strictSame(
    resources.namespaces.map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
  t.equal(resources.namespaces[1]?.positionOf(['metadata', 'name']).line, 22);
});

t.test('a broken document does not hide the others', async (t) => {
  const { resources, findings } = load(`a: "unclosed\nb: 1\n---\n${service}---\n[}\n---\n${rule}`);
  t.equal(resources.services.length, 1);
  t.equal(resources.virtualServices.length, 1);
  t.strictSame(
    findings.map(({ code, line }) => `${code} ${line}`),
    ['SLC0010 1', 'SLC0010 10'],
  );
});

t.test('tabs, indentation and duplicate keys are found where they are', async (t) => {
  t.strictSame(places('kind: A\nmetadata:\n\tname: x\n\tlabels: {}\n'), ['3:1 error SLC0011']);
  t.strictSame(places('spec:\n  http:\n - match: x\n   route: y\n  - route: z\n'), [
    '3:2 error SLC0012',
  ]);
  t.strictSame(places('a:\n    b: 1\n  c: 2\n'), ['3:3 error SLC0012']);
  t.strictSame(places('a: 1\nb: 2\na: 3\n'), ['3:1 error SLC0013']);
});

t.test('a value with fields below it names the field that was meant', async (t) => {
  const text = `spec:
  http:
  - route:
    - destination:
      wieght: 10
        host: web
        subset: v1
`;
  const [finding, ...more] = load(text).findings;
  t.match(finding, { code: 'SLC0012', line: 5, column: 7 });
  t.match(finding?.hint, /did you mean "weight"\? "host" belongs to "destination"/);
  t.strictSame(more, []);
});

t.test('a wildcard without quotes', async (t) => {
  const [finding] = load('hosts:\n- *.example.com\n').findings;
  t.match(finding, { line: 2, column: 3, code: 'SLC0010', hint: /"\*\.example\.com"/ });
});

t.test('documents that do not say what they are', async (t) => {
  t.strictSame(places('just text\n'), ['1:1 error SLC0020']);
  t.strictSame(places('kind: Service\nmetadata: {name: a}\n'), ['1:7 error SLC0020']);
  t.strictSame(places('apiVersion: networking.istio.io/v1\nkind: VirtualServce\n'), [
    '2:7 error SLC0020',
  ]);
  t.match(load('# a part\nhttp:\n- route: []\n').findings[0]?.hint, /spec of a VirtualService/);
});

t.test('fields beside the spec and in metadata that Kubernetes does not have', async (t) => {
  const text =
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  lables: {app: a}\nsepc: {}\n';
  const { findings, resources } = load(text);
  t.equal(resources.services.length, 1, 'it is used all the same');
  t.match(findings, [
    { code: 'SLC0036', severity: 'warning', line: 5, hint: 'did you mean "labels"?' },
    { code: 'SLC0036', severity: 'warning', line: 6, hint: 'did you mean "spec"?' },
  ]);
  const known = 'metadata: {name: a, uid: x, ownerReferences: [], finalizers: []}\nstatus: {}\n';
  t.strictSame(places(`apiVersion: v1\nkind: Service\n${known}`), []);
});

t.test('an apiVersion that the kind does not have', async (t) => {
  for (const version of ['networking.istio.io/v2', 'networking.istio.com/v1', 'v1']) {
    const text = rule.replace('networking.istio.io/v1', version);
    t.match(load(text).findings[0], { line: 1, code: 'SLC0021', hint: /networking.istio.io\/v1/ });
  }
});

t.test('a group of Kubernetes that does not have the kind', async (t) => {
  const hintOf = (apiVersion: string, kind: string) => {
    const { findings } = load(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`);
    return findings.map(({ code, severity, hint }) => `${severity} ${code} ${hint}`);
  };
  t.strictSame(hintOf('extensions/v1', 'Ingress'), [
    'error SLC0021 did you mean networking.k8s.io/v1?',
  ]);
  t.strictSame(hintOf('apps/v1', 'Service'), ['error SLC0021 did you mean v1?']);
  t.strictSame(hintOf('gateway.networking.k8s.io/v1', 'Service'), [
    'error SLC0021 did you mean v1?',
  ]);
  t.match(hintOf('serving.knative.dev/v1', 'Service'), [/^info SLC0022/], "another's kind");
});

t.test('words of others for the type of a path', async (t) => {
  const typed = (type: string) =>
    load(
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\n' +
        `spec: {rules: [{matches: [{path: {type: ${type}, value: /}}]}]}\n`,
    ).findings.map(({ hint }) => hint);
  t.strictSame(typed('Prefix'), ['did you mean "PathPrefix"?']);
  t.strictSame(typed('Regex'), ['did you mean "RegularExpression"?']);
});

t.test('a group that is known has no other kinds', async (t) => {
  const found = (apiVersion: string, kind: string) =>
    load(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`).findings.map(
      ({ code, message, hint }) => `${code} ${message}; ${hint}`,
    );
  const istio = 'networking.istio.io/v1';
  t.strictSame(found(istio, 'Destinat'), [
    `SLC0020 there is no kind "Destinat" in ${istio}; there are VirtualService, DestinationRule, Gateway, ServiceEntry, WorkloadEntry, Sidecar`,
  ]);
  t.match(found('telemetry.istio.io/v1', 'Tele'), [/^SLC0020 .*; there are Telemetry$/]);
  for (const kind of ['EnvoyFilter', 'ProxyConfig', 'WorkloadGroup']) {
    t.match(found(istio, kind), [/^SLC0022/], kind);
  }
});

t.test('other kinds are named once a file', async (t) => {
  const claim = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\n';
  const other = 'apiVersion: gateway.networking.k8s.io/v1\nkind: UDPRoute\nmetadata: {name: a}\n';
  const { findings } = load([claim, claim, other].join('---\n'));
  t.strictSame(
    findings.map(({ severity, message }) => `${severity} ${message}`),
    [
      'info PersistentVolumeClaim (v1) is not read, 2 of them have no effect',
      'info UDPRoute (gateway.networking.k8s.io/v1) is not read, it has no effect',
    ],
  );
});

t.test('two groups may have a kind of the same name', async (t) => {
  const gateway = (apiVersion: string, spec: string) =>
    `apiVersion: ${apiVersion}\nkind: Gateway\nmetadata: {name: a}\nspec: {${spec}}\n`;
  const ofIstio = gateway(
    'networking.istio.io/v1',
    'servers: [{hosts: ["*"], port: {number: 80, name: http, protocol: HTTP}}]',
  );
  const ofKubernetes = gateway(
    'gateway.networking.k8s.io/v1beta1',
    'gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]',
  );
  const { resources, findings } = load(`${ofIstio}---\n${ofKubernetes}`);
  t.strictSame(findings, []);
  t.equal(resources.gateways[0]?.spec.servers?.length, 1);
  t.equal(resources.kubernetesGateways[0]?.spec.gatewayClassName, 'istio');

  const current = 'gateway.networking.k8s.io/v1';
  const [misspelt] = load(gateway(current, 'gatewayClassName: a, listener: []')).findings;
  t.match(misspelt, {
    message: /unknown field "listener"/,
    hint: 'did you mean "listeners"?',
    resource: 'Gateway default/a',
  });
  t.match(load(gateway('v1', '')).findings, [
    { code: 'SLC0021', hint: /networking.istio.io\/v1 or gateway.networking.k8s.io\/v1\?$/ },
  ]);
  t.match(load(gateway(current.replace('v1', 'v2'), '')).findings, [
    { code: 'SLC0021', hint: 'did you mean gateway.networking.k8s.io/v1?' },
  ]);
});

t.test('of two resources with the same name the later one is used', async (t) => {
  const { resources, findings } = load(`${service}---\n${service.replace('80', '81')}`);
  t.equal(resources.services.length, 1);
  t.equal(resources.services[0]?.spec.ports?.[0]?.port, 81);
  t.match(findings, [{ severity: 'warning', code: 'SLC0023', line: 9, message: /a\.yaml:1/ }]);
});

t.test('a resource with an error is refused and named', async (t) => {
  const { resources, refused } = load(rule.replace('hosts', 'host'));
  t.strictSame(resources.virtualServices, []);
  t.strictSame(refused, [{ kind: 'VirtualService', namespace: 'shop', name: 'web' }]);
});

t.test('metadata', async (t) => {
  const wrong = service.replace('{name: web, labels: {app: web}}', '{name: Web_1, labels: {v: 1}}');
  const { findings } = load(wrong);
  t.match(findings, [
    { line: 3, column: 18, message: /"Web_1" is not a valid name/ },
    { line: 3, column: 37, message: /"v" must be a text/, hint: 'put it in quotes: v: "1"' },
  ]);
  const timed = service.replace(
    'name: web',
    'name: web, creationTimestamp: "1970-01-01T00:00:01Z"',
  );
  t.equal(load(timed).resources.services[0]?.metadata.creationTimestamp, 1000);
  t.match(load(service.replace('name: web,', '')).findings, [{ code: 'SLC0024', line: 3 }]);
});

t.test('a Bootstrap needs no metadata', async (t) => {
  const text =
    'apiVersion: sluice.dev/v1\nkind: Bootstrap\nspec: {workloads: {a: "127.0.0.1:1"}}\n';
  const { resources, findings } = load(text);
  t.strictSame(findings, []);
  t.strictSame(resources.bootstraps[0]?.spec.workloads, { a: '127.0.0.1:1' });
});

t.test('a document that was there before is found at its new place', async (t) => {
  const loader = new ResourceLoader();
  const lineOfRoute = (text: string) => {
    const { resources } = loader.load([{ path: 'a.yaml', text }]);
    return resources.virtualServices[0]?.positionOf(['spec', 'http', 0, 'route']).line;
  };
  t.equal(lineOfRoute(rule), 7);
  t.equal(lineOfRoute(`${service}---\n${rule}`), 13);
  const wrong = rule.replace('route:', 'routes:');
  const findings = ['', `${service}`].map((above) => {
    const text = above === '' ? wrong : `${above}---\n${wrong}`;
    return loader.load([{ path: 'a.yaml', text }]).findings[0]?.line;
  });
  t.strictSame(findings, [7, 13]);
});

t.test('limits', async (t) => {
  const deep = `${'['.repeat(80)}${']'.repeat(80)}`;
  t.match(load(`kind: ${deep}`).findings, [{ code: 'SLC0003', message: /levels of nesting/ }]);
  const tooDeep = `a: ${'['.repeat(20_000)}`;
  t.match(load(tooDeep).findings, [{ code: 'SLC0003' }]);
  const row = (name: string, of: string) =>
    `${name}: &${name} [${Array(12).fill(of).join(', ')}]\n`;
  const laughs = row('a', '1') + row('b', '*a') + row('c', '*b') + row('d', '*c');
  t.match(load(laughs).findings, [{ code: 'SLC0003', severity: 'error' }]);
  const items = Array(20_001).fill(null);
  const many = { apiVersion: 'v1', kind: 'List', items };
  t.match(load(JSON.stringify(many)).findings[0], { code: 'SLC0003', message: /20000 documents/ });
  const large = loadResources([{ path: 'big.yaml', text: '#'.repeat(17 * 1024 * 1024) }]);
  t.match(large.findings, [{ code: 'SLC0003', line: 0, file: 'big.yaml' }]);
});

t.test('a finding in one line', async (t) => {
  const [finding] = load(rule.replace('route:', 'routes:')).findings;
  t.equal(
    finding === undefined ? '' : formatFinding(finding),
    'a.yaml:7:5: error SLC0030 VirtualService shop/web: unknown field "routes" in ' +
      'spec.http[0] (did you mean "route"?)',
  );
});
