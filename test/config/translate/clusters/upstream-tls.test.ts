import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import type { Cluster } from '../../../../src/model/cluster.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import { cluster, gateway, resource, service, sidecar, translate } from '../translate-yaml.ts';

const host = 'a.default.svc.cluster.local';
const name = `outbound|80||${host}`;

function rule(spec: string): string {
  return resource('DestinationRule', 'a', `{host: ${host}, ${spec}}`);
}

function policy(tls: string): string {
  return rule(`trafficPolicy: {tls: {${tls}}}`);
}

function tlsOf(yaml: string, of = name, settings: ProxySettings = gateway): Cluster['tls'] {
  return cluster(translate(service('a') + yaml, settings), of).tls;
}

/** `code path` of all. */
function codes(yaml: string, settings: ProxySettings = gateway): string[] {
  return places(translate(service('a') + yaml, settings));
}

function places({ findings }: Translation): string[] {
  return findings.map(({ code, path }) => `${code} ${path}`);
}

const noHashes = { spkiHashes: [], certificateHashes: [] };

t.test('SIMPLE takes server name and name of the certificate from the Host', async (t) => {
  t.strictSame(tlsOf(policy('mode: SIMPLE')), {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    sni: null,
    certificate: null,
    validation: { trustedCa: null, subjectAltNames: [], ...noHashes },
    autoSanValidation: true,
    alpn: [],
  });
  t.strictSame(codes(policy('mode: SIMPLE')), []);
});

t.test('what is said of names, authorities and certificates', async (t) => {
  const validation = { trustedCa: null, subjectAltNames: [], ...noHashes };
  const cases: [tls: string, expected: Partial<NonNullable<Cluster['tls']>>][] = [
    ['sni: b.example', { sni: 'b.example', autoSanValidation: false, validation }],
    [
      'subjectAltNames: [b.example]',
      {
        sni: null,
        autoSanValidation: false,
        validation: { ...validation, subjectAltNames: ['b.example'] },
      },
    ],
    ['caCertificates: /ca.pem', { validation: { ...validation, trustedCa: 'file:///ca.pem' } }],
    [
      'caCertificates: "/c,a.pem", caCrl: /100%.pem',
      { validation: { ...validation, trustedCa: 'file:///c%2Ca.pem,/100%25.pem' } },
    ],
    ['insecureSkipVerify: true', { validation: null, autoSanValidation: false }],
    // Files of a client certificate are of MUTUAL alone.
    ['clientCertificate: /c.pem, privateKey: /k.pem', { certificate: null }],
  ];
  for (const [tls, expected] of cases) {
    t.match(tlsOf(policy(`mode: SIMPLE, ${tls}`)), expected, tls);
  }
  const mutual = policy('mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem');
  t.match(tlsOf(mutual), { certificate: 'file:///c.pem,/k.pem', autoSanValidation: true });
});

t.test('HTTP/2 is offered where requests speak it', async (t) => {
  const upgrade = 'connectionPool: {http: {h2UpgradePolicy: UPGRADE}}';
  const tls = tlsOf(rule(`trafficPolicy: {${upgrade}, tls: {mode: SIMPLE}}`));
  t.strictSame(tls?.alpn, ['h2']);
});

t.test('ports and subsets have blocks of their own', async (t) => {
  const ports = 'portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, sni: port}}]';
  const subsets = `subsets: [{name: v1}, {name: v2, trafficPolicy: {tls: {mode: DISABLE}}},
    {name: v3, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, sni: v3}}]}}]`;
  const yaml = rule(`trafficPolicy: {tls: {mode: SIMPLE, sni: all}, ${ports}}, ${subsets}`);
  const sniOf = (subset: string) => tlsOf(yaml, `outbound|80|${subset}|${host}`)?.sni ?? null;
  t.strictSame(['', 'v1', 'v2', 'v3'].map(sniOf), ['port', 'port', null, 'v3']);
  t.strictSame(codes(yaml), [
    'SLC0241 spec.trafficPolicy.portLevelSettings[0].tls',
    'SLC0241 spec.subsets[2].trafficPolicy.portLevelSettings[0].tls',
  ]);
});

t.test('a ServiceEntry names its endpoints where the rule does not', async (t) => {
  const entry = resource(
    'ServiceEntry',
    'b',
    `{hosts: [b.example], resolution: STATIC, subjectAltNames: [x.example],
      ports: [{number: 80, name: http, protocol: HTTP},
        {number: 443, name: https, protocol: HTTPS}],
      endpoints: [{address: 10.0.0.1}]}`,
  );
  const of = (tls: string) => {
    const yaml = entry + resource('DestinationRule', 'b', `{host: b.example, ${tls}}`);
    return (port: number) => cluster(translate(yaml, gateway), `outbound|${port}||b.example`).tls;
  };
  const simple = of('trafficPolicy: {tls: {mode: SIMPLE}}');
  t.match(simple(80), { autoSanValidation: true, validation: { subjectAltNames: ['x.example'] } });
  const own = of('trafficPolicy: {tls: {mode: SIMPLE, subjectAltNames: [y.example]}}');
  t.match(own(80), { autoSanValidation: false, validation: { subjectAltNames: ['y.example'] } });
  // Clients speak TLS themselves to a port that is declared so.
  t.equal(of('subsets: []')(443), null);
});

t.test('credentialName is a Secret in the namespace of the proxy', async (t) => {
  const secret = (key: string, text: string) => `  ${key}: ${JSON.stringify(text)}\n`;
  const yaml = `---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: istio-system}
stringData:
${secret('tls.crt', pem('client-good'))}${secret('tls.key', pem('client-good.key'))}${secret('ca.crt', pem('authority'))}`;
  const mutual = policy('mode: MUTUAL, credentialName: s');
  const translation = translate(service('a') + yaml + mutual, gateway);
  t.match(cluster(translation, name).tls, {
    certificate: 'kubernetes://istio-system/s',
    validation: { trustedCa: 'kubernetes://istio-system/s-cacert' },
  });
  t.strictSame(places(translation), []);
  t.strictSame(
    translation.secrets.map((one) => [one.name, one.privateKey !== null, one.trustedCa !== null]),
    [
      ['kubernetes://istio-system/s-cacert', false, true],
      ['kubernetes://istio-system/s', true, false],
    ],
  );
  t.strictSame(codes(policy('mode: SIMPLE, credentialName: gone')), [
    'SLC0222 spec.trafficPolicy.tls.credentialName',
  ]);
});

t.test('a sidecar has a Secret by a rule that selects it, or as a gateway, too', async (t) => {
  const tls = 'trafficPolicy: {tls: {mode: SIMPLE, credentialName: s}}';
  t.equal(tlsOf(rule(tls), name, sidecar), null);
  t.strictSame(codes(rule(tls), sidecar), ['SLC0216 spec.trafficPolicy.tls']);
  const selecting = rule(`workloadSelector: {matchLabels: {}}, ${tls}`);
  t.match(tlsOf(selecting, name, sidecar), { autoSanValidation: true });
  const server = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';
  const both = rule(tls) + resource('Gateway', 'gw', `{servers: [${server}]}`);
  t.match(tlsOf(both, name, sidecar), { autoSanValidation: true });
});

t.test('ISTIO_MUTUAL needs the certificate of the mesh', async (t) => {
  const yaml = policy('mode: ISTIO_MUTUAL');
  t.equal(tlsOf(yaml), null);
  t.strictSame(codes(yaml), ['SLC0216 spec.trafficPolicy.tls']);
  t.strictSame(tlsOf(yaml, name, { ...gateway, identityFolder: '/certs/' }), {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    sni: `outbound_.80_._.${host}`,
    certificate: 'file:///certs/cert-chain.pem,/certs/key.pem',
    validation: { trustedCa: 'file:///certs/root-cert.pem', subjectAltNames: [], ...noHashes },
    autoSanValidation: false,
    alpn: ['istio-http/1.1', 'istio', 'http/1.1'],
  });
});

t.test('what is doubtful is told', async (t) => {
  const cases: [tls: string, expected: string][] = [
    ['mode: SIMPLE, insecureSkipVerify: true', 'SLC0240 spec.trafficPolicy.tls.insecureSkipVerify'],
    ['mode: SIMPLE, sni: b.example', 'SLC0241 spec.trafficPolicy.tls'],
    ['sni: b.example', 'SLC0242 spec.trafficPolicy.tls.sni'],
    ['mode: DISABLE, caCertificates: /c.pem', 'SLC0242 spec.trafficPolicy.tls.caCertificates'],
    ['mode: SIMPLE, caCrl: /crl.pem', 'SLC0242 spec.trafficPolicy.tls.caCrl'],
  ];
  for (const [tls, expected] of cases) t.strictSame(codes(policy(tls)), [expected], tls);
  const tcp = service('a').replaceAll('HTTP', 'TCP').replaceAll('http', 'tcp');
  t.strictSame(places(translate(tcp + policy('mode: SIMPLE'), gateway)), [
    'SLC0241 spec.trafficPolicy.tls',
  ]);
  t.strictSame(codes(policy('mode: DISABLE')), []);
});

function configMap(name: string, data: string): string {
  return `---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: shop}
data: {${data}}
`;
}

t.test('authorities of ConfigMaps are for every proxy, whatever its namespace', async (t) => {
  const yaml =
    policy('mode: SIMPLE, sni: a.example, credentialName: "configmap://shop/ours,none"') +
    configMap('ours', `ca.crt: ${JSON.stringify(pem('authority'))}`);
  for (const settings of [gateway, sidecar]) {
    const translated = translate(service('a') + yaml, settings);
    const trustedCa = 'configmap://shop/ours,none';
    t.match(cluster(translated, name).tls?.validation, { trustedCa });
    t.match(translated.secrets, [
      { name: trustedCa, trustedCa: pem('authority'), privateKey: null },
    ]);
    t.match(translated.findings, [
      { code: 'SLC0222', message: /^there is no ConfigMap shop\/none; connections that need it/ },
      { code: 'SLC0241' },
    ]);
  }
});

t.test('a ConfigMap without authorities trusts nobody', async (t) => {
  const rows: readonly (readonly [data: string, code: string, path: string])[] = [
    ['', 'SLC0222', 'spec.trafficPolicy.tls.credentialName'],
    ['ca.crt: none', 'SLC0223', 'data["ca.crt"]'],
  ];
  for (const [data, code, path] of rows) {
    const tls =
      'mode: SIMPLE, subjectAltNames: [a.example], credentialName: "configmap://shop/ours"';
    const translated = translate(service('a') + policy(tls) + configMap('ours', data), gateway);
    t.match(cluster(translated, name).tls?.validation, { trustedCa: 'configmap://shop/ours' });
    t.strictSame(translated.secrets, []);
    t.strictSame(places(translated), [`${code} ${path}`]);
  }
});
