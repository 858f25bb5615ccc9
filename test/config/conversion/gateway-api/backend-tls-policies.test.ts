import t from 'tap';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import type { Cluster } from '../../../../src/model/cluster.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import { cluster, resource, translate } from '../../translate/translate-yaml.ts';
import {
  atHome,
  clientOf,
  conditions,
  edge,
  found,
  gatewayApi,
  kubernetesService,
} from './connection-yaml.ts';

const authority = pem('authority');
const services = kubernetesService('a', '443 tls', '8443 other') + configMap('ours', authority);

function configMap(name: string, text: string): string {
  return `---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {ca.crt: ${JSON.stringify(text)}}
`;
}

interface PolicyShape {
  readonly target?: string;
  readonly validation?: string;
  readonly created?: number;
}

const target = '{group: "", kind: Service, name: a}';
const ours = 'caCertificateRefs: [{group: "", kind: ConfigMap, name: ours}]';

function policy(name: string, shape: PolicyShape = {}): string {
  const { target: of = target, validation = `${ours}, hostname: a.test`, created = 1 } = shape;
  const spec = `{targetRefs: [${of}], validation: {${validation}}}`;
  return gatewayApi('BackendTLSPolicy', name, spec, created);
}

function translated(...documents: readonly string[]): Translation {
  return translate(services + documents.join(''), atHome);
}

function tlsOf(made: Translation, port = 443, subset = ''): Cluster['tls'] {
  return cluster(made, `outbound|${port}|${subset}|a.default.svc.cluster.local`).tls;
}

t.test('the host name is sent and verified, by the authorities of the ConfigMap', async (t) => {
  const made = translated(policy('p'));
  for (const port of [443, 8443]) {
    t.match(tlsOf(made, port), {
      sni: 'a.test',
      certificate: null,
      validation: { trustedCa: 'configmap://default/ours', subjectAltNames: ['a.test'] },
      autoSanValidation: false,
    });
  }
  t.match(made.secrets, [{ name: 'configmap://default/ours', trustedCa: authority }]);
  t.strictSame(found(made), []);
  t.match(tlsOf(translate(services + policy('p'), clientOf('shop'))), { sni: 'a.test' }, 'mesh');
});

t.test('other names, and the authorities of the system', async (t) => {
  const names =
    'hostname: a.test, subjectAltNames: [{type: URI, uri: "spiffe://a"}, {type: Hostname, hostname: b.test}]';
  const system = 'wellKnownCACertificates: System';
  t.match(tlsOf(translated(policy('p', { validation: `${system}, ${names}` }))), {
    sni: 'a.test',
    validation: { trustedCa: null, subjectAltNames: ['spiffe://a', 'b.test'] },
  });
});

t.test(
  'a policy of a port goes before that of the Service, an older before a younger',
  async (t) => {
    const ofPort = '{group: "", kind: Service, name: a, sectionName: tls}';
    const made = translated(
      policy('port', { target: ofPort, validation: `${ours}, hostname: port.test`, created: 3 }),
      policy('late', { target: ofPort, validation: `${ours}, hostname: late.test`, created: 4 }),
      policy('b', { validation: `${ours}, hostname: b.test`, created: 2 }),
      policy('a', { validation: `${ours}, hostname: a.test`, created: 2 }),
    );
    t.match(tlsOf(made, 443), { sni: 'port.test' });
    t.match(tlsOf(made, 8443), { sni: 'a.test' });
    t.strictSame(conditions(made, 'BackendTLSPolicy', 'late'), [
      'Service default/a/tls Accepted False Conflicted',
      'Service default/a/tls ResolvedRefs True ResolvedRefs',
    ]);
    t.strictSame(found(made).sort(), ['SLC0268 spec.targetRefs[0]', 'SLC0268 spec.targetRefs[0]']);
  },
);

t.test('without authorities no connection is made', async (t) => {
  const table: readonly (readonly [validation: string, reason: string, refs: string])[] = [
    [
      'caCertificateRefs: [{group: "", kind: ConfigMap, name: theirs}]',
      'NoValidCACertificate',
      'False InvalidCACertificateRef',
    ],
    [
      'caCertificateRefs: [{group: "", kind: ConfigMap, name: empty}]',
      'NoValidCACertificate',
      'False InvalidCACertificateRef',
    ],
    [
      'caCertificateRefs: [{group: a.io, kind: Bundle, name: ours}]',
      'NoValidCACertificate',
      'False InvalidKind',
    ],
    ['wellKnownCACertificates: Ours', 'Invalid', 'True ResolvedRefs'],
  ];
  for (const [authorities, reason, refs] of table) {
    const validation = `${authorities}, hostname: a.test`;
    const made = translated(policy('p', { validation }), configMap('empty', 'nothing'));
    t.match(tlsOf(made)?.validation, { trustedCa: 'invalid://default/p' }, authorities);
    t.strictSame(made.secrets, []);
    t.strictSame(conditions(made, 'BackendTLSPolicy', 'p'), [
      `Service default/a Accepted False ${reason}`,
      `Service default/a ResolvedRefs ${refs}`,
    ]);
    t.match(made.findings, [
      { code: 'SLC0268', message: /; no connection is made to its targets$/ },
    ]);
  }
});

t.test('of several authorities those that can be used count', async (t) => {
  const refs = ['theirs', 'ours'].map((name) => `{group: "", kind: ConfigMap, name: ${name}}`);
  const validation = `caCertificateRefs: [${refs}], hostname: a.test`;
  const made = translated(policy('p', { validation }));
  t.match(tlsOf(made)?.validation, { trustedCa: 'configmap://default/ours' });
  t.strictSame(conditions(made, 'BackendTLSPolicy', 'p'), [
    'Service default/a Accepted True Accepted',
    'Service default/a ResolvedRefs False InvalidCACertificateRef',
  ]);
  t.strictSame(found(made), ['SLC0268 spec.validation.caCertificateRefs[0].name']);
});

t.test('what is no target changes nothing', async (t) => {
  const table: readonly (readonly [target: string, field: string])[] = [
    ['{group: "", kind: Service, name: b}', 'name'],
    ['{group: "", kind: Service, name: a, sectionName: none}', 'sectionName'],
    ['{group: a.io, kind: Backend, name: a}', 'kind'],
  ];
  for (const [of, field] of table) {
    const made = translated(policy('p', { target: of }));
    t.equal(tlsOf(made), null, of);
    const [accepted = ''] = conditions(made, 'BackendTLSPolicy', 'p');
    t.match(accepted, / Accepted False TargetNotFound$/);
    t.strictSame(found(made), [`SLC0268 spec.targetRefs[0].${field}`]);
  }
});

t.test('Gateways that send requests to a target are told of it', async (t) => {
  const route = `{parentRefs: [{name: edge}], rules: [{backendRefs: [{name: a, port: 443}]}]}`;
  const made = translated(
    policy('p'),
    edge('{name: http, port: 80, protocol: HTTP}'),
    gatewayApi('HTTPRoute', 'r', route),
  );
  t.strictSame(conditions(made, 'BackendTLSPolicy', 'p').slice(2), [
    'default/edge Accepted True Accepted',
    'default/edge ResolvedRefs True ResolvedRefs',
  ]);
});

function rule(spec: string, namespace = 'default'): string {
  const host = 'host: a.default.svc.cluster.local';
  return resource('DestinationRule', `${namespace}/mine`, `{${host}, ${spec}}`);
}

t.test('a DestinationRule of the user keeps what it says', async (t) => {
  const pool = 'connectionPool: {tcp: {maxConnections: 7}}';
  const ofAll = `trafficPolicy: {${pool}}, subsets: [{name: v1}]`;
  const made = translated(policy('p'), rule(ofAll));
  t.match(tlsOf(made), { sni: 'a.test' });
  t.match(tlsOf(made, 443, 'v1'), { sni: 'a.test' }, 'subsets too');
  const name = 'outbound|443||a.default.svc.cluster.local';
  t.equal(cluster(made, name).circuitBreaker.maxConnections, 7);
  const written = `trafficPolicy: {tls: {mode: SIMPLE, sni: mine.test, subjectAltNames: [mine.test]}}`;
  t.match(tlsOf(translated(policy('p'), rule(written))), { sni: 'mine.test' });
  const ofPort = '{group: "", kind: Service, name: a, sectionName: tls}';
  const ported = translated(policy('p', { target: ofPort }), rule(ofAll));
  t.match(tlsOf(ported), { sni: 'a.test' });
  t.equal(tlsOf(ported, 8443), null);
  t.equal(cluster(ported, name).circuitBreaker.maxConnections, 7, 'settings of ports inherit');
  const settings = `trafficPolicy: {portLevelSettings: [{port: {number: 443}, ${pool}}]}`;
  t.match(tlsOf(translated(policy('p'), rule(settings))), { sni: 'a.test' });
  t.match(tlsOf(translated(policy('p'), rule('subsets: [{name: v1}]'))), { sni: 'a.test' });
});

t.test('a rule for a wildcard goes on to hold, but for TLS', async (t) => {
  const wide = 'host: "*.default.svc.cluster.local"';
  const pool =
    'trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}, tls: {mode: ISTIO_MUTUAL}}';
  const documents = [policy('p'), resource('DestinationRule', 'wide', `{${wide}, ${pool}}`)];
  const made = translated(...documents);
  const name = 'outbound|443||a.default.svc.cluster.local';
  t.match(tlsOf(made), { sni: 'a.test' });
  const backends = 'backendRefs: [{name: a, port: 443}], sessionPersistence: {}';
  const session = `{parentRefs: [{name: edge}], rules: [{${backends}}]}`;
  const listener = '{name: http, port: 80, protocol: HTTP}';
  const stuck = translated(...documents, edge(listener), gatewayApi('HTTPRoute', 'r', session));
  const tls = stuck.mesh.clusters.flatMap((one) => one.tls ?? []);
  t.match(tls, [{ sni: 'a.test' }, { sni: 'a.test' }, { sni: 'a.test' }], 'with its session');
  t.equal(cluster(made, name).circuitBreaker.maxConnections, 7);
});

t.test('a DestinationRule of the client is not in the way of the policy', async (t) => {
  const settings = clientOf('shop');
  const made = translate(services + policy('p') + rule('subsets: [{name: v1}]', 'shop'), settings);
  t.match(tlsOf(made), { sni: 'a.test' });
});

t.test('whatever rule a client sees, it uses TLS', async (t) => {
  const pool = 'trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}';
  const wide = resource('DestinationRule', 'shop/wide', `{host: "*.cluster.local", ${pool}}`);
  const portOnly = 'portLevelSettings: [{port: {number: 443}, loadBalancer: {simple: RANDOM}}]';
  const rules: Readonly<Record<string, string>> = {
    'its own alone may see': rule(`exportTo: ["."], ${pool}`),
    'of other workloads': rule(`workloadSelector: {matchLabels: {app: other}}, ${pool}`),
    'of the client, for a wildcard': wide,
    'with settings of a port for a subset': rule(
      `subsets: [{name: v1, trafficPolicy: {${portOnly}}}]`,
    ),
  };
  for (const [which, document] of Object.entries(rules)) {
    const made = translate(services + policy('p') + document, clientOf('shop', 443));
    const clusters = made.mesh.clusters.filter(({ name }) => name.includes('|443|'));
    for (const { name, tls } of clusters) t.match(tls, { sni: 'a.test' }, `${which}: ${name}`);
    t.ok(clusters.length > 0);
  }
});

t.test('a rule that asks for plain text is obeyed, and told', async (t) => {
  const made = translated(policy('p'), rule('trafficPolicy: {tls: {mode: DISABLE}}'));
  t.equal(tlsOf(made), null);
  t.match(made.findings, [
    {
      code: 'SLC0216',
      path: 'spec.trafficPolicy.tls',
      message: /the BackendTLSPolicy default\/p$/,
    },
  ]);
  const other = rule('trafficPolicy: {tls: {mode: DISABLE}}').replace('host: a.', 'host: b.');
  t.strictSame(found(translated(policy('p'), other, kubernetesService('b', '80 http'))), []);
});

t.test('a subset has its TLS from the policy', async (t) => {
  const portOnly = 'portLevelSettings: [{port: {number: 443}, loadBalancer: {simple: RANDOM}}]';
  const made = translated(policy('p'), rule(`subsets: [{name: v1, trafficPolicy: {${portOnly}}}]`));
  const ofSubset = cluster(made, subsetOf(443, 'v1'));
  t.match(ofSubset.settingOrigins, {
    tls: { kind: 'BackendTLSPolicy', name: 'p' },
    loadBalancer: { kind: 'DestinationRule', name: 'mine' },
  });
});

t.test('explanations name the policy for TLS, and the rule for the rest', async (t) => {
  const name = 'outbound|443||a.default.svc.cluster.local';
  const ofPort = '{group: "", kind: Service, name: a, sectionName: tls}';
  const pool = 'trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}';
  for (const aim of [target, ofPort]) {
    const made = translated(rule(pool), policy('p', { target: aim }));
    t.match(cluster(made, name).settingOrigins, {
      tls: { kind: 'BackendTLSPolicy', name: 'p' },
      connectionPool: { kind: 'DestinationRule', name: 'mine' },
    });
  }
});

const secret = `---
apiVersion: v1
kind: Secret
metadata: {name: client}
data: {tls.crt: ${base64(pem('client-good'))}, tls.key: ${base64(pem('client-good.key'))}}
`;

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function routeOf(kind: string, gateway: string, port = 443): string {
  const backend = `{backendRefs: [{name: a, port: ${port}}]}`;
  return gatewayApi(kind, `to-${port}`, `{parentRefs: [{name: ${gateway}}], rules: [${backend}]}`);
}

const subsetOf = (port: number, subset: string) =>
  `outbound|${port}|${subset}|a.default.svc.cluster.local`;

t.test('a Gateway shows its certificate where a policy asks for TLS', async (t) => {
  const listener = '{name: http, port: 80, protocol: HTTP}';
  const shown = 'tls: {backend: {clientCertificateRef: {name: client}}}';
  const gateway = gatewayApi(
    'Gateway',
    'own',
    `{gatewayClassName: istio, ${shown}, listeners: [${listener}]}`,
  );
  const made = translated(secret, gateway, policy('p'), routeOf('HTTPRoute', 'own'));
  const name = subsetOf(443, 'default~own~443');
  t.match(cluster(made, name).tls, {
    sni: 'a.test',
    certificate: /default\/client$/,
    validation: { trustedCa: 'configmap://default/ours', subjectAltNames: ['a.test'] },
  });
  t.match(made.secrets.map(({ privateKey }) => privateKey !== null).sort(), [false, true]);
  t.match(tlsOf(made), { certificate: null }, 'other clients show none');
  const [route] = made.mesh.routeTables[0]?.virtualHosts[0]?.routes ?? [];
  t.match(route?.action, { kind: 'forward', clusters: [{ cluster: name }] });
  t.strictSame(found(made), []);
  const without = translated(secret, gateway, routeOf('HTTPRoute', 'own'));
  t.equal(cluster(without, subsetOf(443, '')).tls, null, 'without a policy there is no TLS');
  const missing = translated(gateway, policy('p'), routeOf('HTTPRoute', 'own'));
  t.notOk(
    missing.mesh.clusters.some((one) => one.name === name),
    'without the Secret neither',
  );
});

t.test('a Gateway shows its certificate in sessions, too', async (t) => {
  const listener = '{name: http, port: 80, protocol: HTTP}';
  const shown = 'tls: {backend: {clientCertificateRef: {name: client}}}';
  const spec = `{gatewayClassName: istio, ${shown}, listeners: [${listener}]}`;
  const backends = 'backendRefs: [{name: a, port: 443}], sessionPersistence: {sessionName: s}';
  const made = translated(
    secret,
    gatewayApi('Gateway', 'own', spec),
    policy('p'),
    gatewayApi('HTTPRoute', 'r', `{parentRefs: [{name: own}], rules: [{${backends}}]}`),
  );
  const [route] = made.mesh.routeTables[0]?.virtualHosts[0]?.routes ?? [];
  const name = subsetOf(443, 'session~default~r~0~default~own~443');
  t.match(route?.action, {
    kind: 'forward',
    clusters: [{ cluster: name }],
    hashPolicies: [{ kind: 'cookie', name: 's' }],
  });
  const { tls, loadBalancer } = cluster(made, name);
  t.match(tls, { sni: 'a.test', certificate: /default\/client$/ });
  t.equal(loadBalancer.policy, 'RING_HASH');
  t.strictSame(found(made), []);
});

t.test('TLS that is passed on is not wrapped once more', async (t) => {
  const listener = '{name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}}';
  const made = translated(policy('p'), edge(listener), routeOf('TLSRoute', 'edge'));
  const name = subsetOf(443, 'tls-passed-on');
  t.equal(cluster(made, name).tls, null);
  t.match(tlsOf(made), { sni: 'a.test' });
  const [chain] = made.mesh.listeners[0]?.filterChains ?? [];
  t.match(chain, { kind: 'tcp', tcp: { clusters: [{ cluster: name }] } });
  t.strictSame(found(made), []);
  const written = translated(
    policy('p'),
    edge(listener),
    routeOf('TLSRoute', 'edge'),
    rule('subsets: [{name: v1}]'),
  );
  t.equal(cluster(written, name).tls, null, 'beside subsets of the user');
});
