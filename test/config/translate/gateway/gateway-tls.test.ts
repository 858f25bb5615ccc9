import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import type { FilterChain } from '../../../../src/model/filter-chain.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import {
  domains,
  findingPlaces,
  gateway,
  resource,
  service,
  translate,
} from '../translate-yaml.ts';

interface ServerParts {
  readonly port?: number;
  readonly name?: string;
  readonly protocol?: string;
  readonly hosts?: string;
  readonly tls?: string;
}

function server(parts: ServerParts): string {
  const { port = 443, name = 'https', protocol = 'HTTPS', hosts = '["*"]', tls } = parts;
  const settings = tls === undefined ? '' : `, tls: {${tls}}`;
  return `{port: {number: ${port}, name: ${name}, protocol: ${protocol}}, hosts: ${hosts}${settings}}`;
}

function gatewayOf(servers: readonly ServerParts[], name = 'istio-system/gw'): string {
  return resource('Gateway', name, `{servers: [${servers.map(server).join(', ')}]}`);
}

function rule(name: string, rest: string, hosts = '["*"]'): string {
  return resource(
    'VirtualService',
    name,
    `{hosts: ${hosts}, gateways: [istio-system/gw], ${rest}}`,
  );
}

const toA = 'route: [{destination: {host: a.default.svc.cluster.local}}]';
const http = rule('v', `http: [{${toA}}]`);
const files = 'mode: SIMPLE, serverCertificate: /c.pem, privateKey: /k.pem';
const base = service('a');

function chains({ mesh }: Translation): readonly FilterChain[] {
  return mesh.listeners.flatMap(({ filterChains }) => filterChains);
}

function tlsOf(tls: string, settings: ProxySettings = gateway): FilterChain['tls'] {
  const [chain] = chains(translate(base + gatewayOf([{ tls }]) + http, settings));
  return chain?.tls ?? null;
}

/** `names -> table` of each chain. */
function summary(translation: Translation): string[] {
  return chains(translation).map((chain) => {
    const names = chain.match.serverNames.join(' ');
    if (chain.kind === 'tcp') return `${names} -> ${chain.tcp.clusters[0]?.cluster}`;
    return `${names} -> ${chain.routes.kind === 'table' ? chain.routes.name : ''}`;
  });
}

/** The messages of findings, apart from those about Secrets. */
function messages({ findings }: Translation): string[] {
  return findings
    .filter(({ code }) => code !== 'SLC0222')
    .map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

t.test('servers of one port are told by server name, each with a route table', async (t) => {
  const yaml =
    base +
    gatewayOf([
      { name: 'one', hosts: '[A.example.com, ./b.example.com]', tls: files },
      { name: 'two', hosts: '["*.example.com"]', tls: files },
    ]) +
    rule('istio-system/v', `http: [{${toA}}]`);
  const translation = translate(yaml, gateway);
  t.strictSame(summary(translation), [
    'a.example.com b.example.com -> https.443.one.gw.istio-system',
    '*.example.com -> https.443.two.gw.istio-system',
  ]);
  t.strictSame(domains(translation, 'https.443.one.gw.istio-system'), [
    'A.example.com:443: A.example.com',
    'b.example.com:443: b.example.com',
  ]);
  t.strictSame(domains(translation, 'https.443.two.gw.istio-system'), [
    '*.example.com:443: *.example.com',
  ]);
  t.match(translation.mesh.listeners, [
    { name: 'gateway_443', port: 8443, servicePort: 443, proxyProtocol: false },
  ]);
});

t.test('a chain is found again by its name', async (t) => {
  const [chain] = chains(translate(base + gatewayOf([{ tls: files }]) + http, gateway));
  t.equal(chain?.name, 'https.443.https.gw.istio-system');
});

t.test('versions, cipher suites and ALPN', async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ['', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', cipherSuites: null }],
    ['minProtocolVersion: TLS_AUTO', { minVersion: 'TLSv1.2' }],
    ['minProtocolVersion: TLSV1_0, maxProtocolVersion: TLSV1_1', { minVersion: 'TLSv1' }],
    ['maxProtocolVersion: TLSV1_2', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }],
    ['cipherSuites: [AES128-SHA, NONE, AES128-SHA]', { cipherSuites: ['AES128-SHA'] }],
    ['cipherSuites: [NONE]', { cipherSuites: null }],
  ];
  for (const [extra, expected] of cases) {
    t.match(tlsOf(`${files}${extra === '' ? '' : ', '}${extra}`), {
      alpn: ['h2', 'http/1.1'],
      clientCertificate: 'none',
      validation: null,
      ...expected,
    });
  }
  const tlsDefaults = { minVersion: 'TLSv1.3', cipherSuites: ['AES256-SHA'] } as const;
  const settings = { ...gateway, mesh: { ...gateway.mesh, tlsDefaults } };
  t.match(tlsOf(files, settings), { minVersion: 'TLSv1.3', cipherSuites: ['AES256-SHA'] });
  t.match(tlsOf(`${files}, minProtocolVersion: TLSV1_2`, settings), { minVersion: 'TLSv1.2' });
});

t.test('files are named by their paths', async (t) => {
  const pair = 'serverCertificate: "/a,b/c%.pem", privateKey: /k.pem';
  t.match(tlsOf(`mode: SIMPLE, ${pair}`), { certificates: ['file:///a%2Cb/c%25.pem,/k.pem'] });
  t.match(tlsOf(`mode: MUTUAL, ${pair}, caCertificates: /ca.pem`), {
    clientCertificate: 'required',
    validation: { trustedCa: 'file:///ca.pem', subjectAltNames: [] },
  });
  t.match(tlsOf(`mode: OPTIONAL_MUTUAL, ${pair}, caCertificates: /ca.pem, caCrl: /crl.pem`), {
    clientCertificate: 'optional',
    validation: { trustedCa: 'file:///ca.pem,/crl.pem' },
  });
  const pairs = `{${pair}}, {serverCertificate: /c2.pem, privateKey: /k2.pem}`;
  t.match(tlsOf(`mode: SIMPLE, tlsCertificates: [${pairs}]`), {
    certificates: ['file:///a%2Cb/c%25.pem,/k.pem', 'file:///c2.pem,/k2.pem'],
  });
});

t.test('which certificates of clients count', async (t) => {
  const hash = 'AB:CD';
  const tls = `mode: MUTUAL, credentialName: c, subjectAltNames: [x],
    verifyCertificateSpki: [c3Br], verifyCertificateHash: ["${hash}"]`;
  t.match(tlsOf(tls), {
    certificates: ['kubernetes://istio-system/c'],
    validation: {
      trustedCa: 'kubernetes://istio-system/c-cacert',
      subjectAltNames: ['x'],
      spkiHashes: ['c3Br'],
      certificateHashes: ['abcd'],
    },
  });
  t.match(tlsOf(`${tls}, insecureSkipVerify: true`), {
    clientCertificate: 'required',
    validation: null,
  });
  t.match(tlsOf('mode: MUTUAL, credentialNames: [r, e]'), {
    certificates: ['kubernetes://istio-system/r', 'kubernetes://istio-system/e'],
    validation: { trustedCa: 'kubernetes://istio-system/r-cacert' },
  });
  t.match(tlsOf('mode: MUTUAL, credentialName: c, caCertCredentialName: team-cacert'), {
    validation: { trustedCa: 'kubernetes://istio-system/team-cacert' },
  });
});

t.test('what is said of clients without asking them for a certificate has no effect', async (t) => {
  const tls = `${files}, subjectAltNames: [x], caCertificates: /ca.pem, verifyCertificateSpki: []`;
  const translation = translate(base + gatewayOf([{ tls }]) + http, gateway);
  t.match(chains(translation), [{ tls: { clientCertificate: 'none', validation: null } }]);
  t.match(
    translation.findings.map(({ code, path }) => `${code} ${path}`),
    ['subjectAltNames', 'caCertificates'].map((name) => `SLC0242 spec.servers[0].tls.${name}`),
  );
});

t.test('ISTIO_MUTUAL needs a certificate of the mesh', async (t) => {
  const yaml = base + gatewayOf([{ tls: 'mode: ISTIO_MUTUAL' }]) + http;
  const without = translate(yaml, gateway);
  t.strictSame(without.mesh.listeners, []);
  t.match(without.findings, [{ code: 'SLC0206', path: 'spec.servers[0].tls.mode' }]);
  const [chain] = chains(translate(yaml, { ...gateway, identityFolder: '/certs/' }));
  t.match(chain?.tls, {
    certificates: ['file:///certs/cert-chain.pem,/certs/key.pem'],
    clientCertificate: 'required',
    validation: { trustedCa: 'file:///certs/root-cert.pem' },
  });
});

t.test('what cannot be served is told with its place', async (t) => {
  const yaml = gatewayOf([
    { tls: 'mode: AUTO_PASSTHROUGH' },
    { port: 53, name: 'dns', protocol: 'UDP' },
  ]);
  const translation = translate(yaml, gateway);
  t.strictSame(translation.mesh.listeners, []);
  t.match(
    translation.findings.map(({ code, path }) => `${code} ${path}`),
    ['SLC0206 spec.servers[0].tls', 'SLC0206 spec.servers[1].port'],
  );
});

t.test('TCP, also after TLS, goes where tcp rules say', async (t) => {
  const tcp = (port: number) => rule('t', `tcp: [{match: [{port: ${port}}], ${toA}}]`);
  const cluster = 'outbound|80||a.default.svc.cluster.local';
  const plain = gatewayOf([{ port: 9000, name: 'tcp', protocol: 'TCP' }]);
  t.strictSame(summary(translate(base + plain + tcp(9000), gateway)), [` -> ${cluster}`]);
  const after = gatewayOf([{ protocol: 'TLS', hosts: '[t.com]', tls: files }]);
  const translation = translate(base + after + tcp(443), gateway);
  t.strictSame(summary(translation), [`t.com -> ${cluster}`]);
  t.match(chains(translation), [{ kind: 'tcp', tls: { certificates: ['file:///c.pem,/k.pem'] } }]);
  t.strictSame(translation.mesh.routeTables, []);
});

t.test('a port that nothing is routed from is not opened', async (t) => {
  const yaml = gatewayOf([
    { port: 9000, name: 'tcp', protocol: 'TCP' },
    { port: 9001, name: 'tls', protocol: 'TLS', hosts: '[t.com]', tls: files },
    { port: 9002, name: 'pass', protocol: 'TLS', tls: 'mode: PASSTHROUGH' },
  ]);
  const translation = translate(base + yaml + http, gateway);
  t.strictSame(translation.mesh.listeners, []);
  t.strictSame(
    messages(translation).map((text) => text.slice(0, text.indexOf(' for '))),
    [
      'SLC0202 spec.servers[0]: no VirtualService has tcp rules',
      'SLC0202 spec.servers[1]: no VirtualService has tcp rules',
      'SLC0202 spec.servers[2]: no VirtualService has tls rules',
    ],
  );
});

t.test('PASSTHROUGH goes by server name, beside servers where TLS ends', async (t) => {
  const yaml =
    base +
    gatewayOf([
      { name: 'end', hosts: '[end.com]', tls: files },
      { name: 'pass', protocol: 'TLS', hosts: '["*.com"]', tls: 'mode: PASSTHROUGH' },
    ]) +
    rule('t', `tls: [{match: [{sniHosts: [pass.com]}], ${toA}}], http: [{${toA}}]`, '["*.com"]');
  const translation = translate(yaml, gateway);
  t.strictSame(summary(translation), [
    'end.com -> https.443.end.gw.istio-system',
    'pass.com -> outbound|80||a.default.svc.cluster.local',
  ]);
  t.match(chains(translation)[1]?.tls, null);
});

t.test('what does not go with the first server of a port is left out', async (t) => {
  const plain = { port: 80, name: 'http', protocol: 'HTTP' };
  const redirected = { ...plain, tls: 'httpsRedirect: true' };
  const tls = { name: 'https', tls: files };
  const tcp = { port: 9000, name: 'tcp', protocol: 'TCP' };
  const conflict = (first: ServerParts, second: ServerParts, port: number) => {
    const later = { ...second, name: 'later', port };
    const yaml = base + gatewayOf([{ ...first, name: 'first', port }, later]) + http;
    return messages(translate(yaml, gateway)).filter((text) => text.startsWith('SLC0224'));
  };
  const left = 'the server is left out: server "first" of Gateway istio-system/gw has';
  const cases: readonly (readonly [ServerParts, ServerParts, string[]])[] = [
    [plain, plain, []],
    [plain, { ...plain, protocol: 'GRPC' }, []],
    [redirected, redirected, [`SLC0224 spec.servers[1].hosts: ${left} *`]],
    [redirected, plain, []],
    [plain, tls, [`SLC0224 spec.servers[1].port: ${left} the port for HTTP`]],
    [plain, tcp, [`SLC0224 spec.servers[1].port: ${left} the port for HTTP`]],
    [tls, plain, [`SLC0224 spec.servers[1].port: ${left} the port for HTTPS`]],
    [tcp, tcp, [`SLC0224 spec.servers[1].port: ${left} the port for TCP`]],
    [tls, tls, [`SLC0224 spec.servers[1].hosts: ${left} *`]],
    [tls, { ...tls, hosts: '[x.com]' }, []],
    [
      { ...tls, hosts: '[x.com]' },
      { ...tls, hosts: '[y.com, "./X.com"]' },
      [`SLC0224 spec.servers[1].hosts: ${left} X.com`],
    ],
  ];
  for (const [first, second, expected] of cases) {
    t.strictSame(conflict(first, second, 7000), expected);
  }
});

t.test('servers of two addresses do not meet', async (t) => {
  const on = (bind: string, parts: ServerParts) =>
    server(parts).replace('hosts:', `bind: ${bind}, hosts:`);
  const spec = `{servers: [${on('127.0.0.2', { name: 'a', tls: files })}, ${on('127.0.0.3', {
    name: 'b',
    tls: files,
  })}]}`;
  const translation = translate(
    base + resource('Gateway', 'istio-system/gw', spec) + http,
    gateway,
  );
  t.strictSame(
    translation.mesh.listeners.map(({ name, address }) => `${name} ${address}`),
    ['gateway_127.0.0.2_443 127.0.0.2', 'gateway_127.0.0.3_443 127.0.0.3'],
  );
  t.strictSame(messages(translation), []);
});

t.test('PROXY protocol is asked for by port, or for the whole mesh', async (t) => {
  const yaml = base + gatewayOf([{ tls: files }]) + http;
  const listeners = (settings: ProxySettings) =>
    translate(yaml, settings).mesh.listeners.map(({ proxyProtocol }) => proxyProtocol);
  t.strictSame(listeners({ ...gateway, proxyProtocolPorts: [443] }), [true]);
  t.strictSame(listeners({ ...gateway, proxyProtocolPorts: [80] }), [false]);
  const mesh = { ...gateway.mesh, gatewayProxyProtocol: true };
  t.strictSame(listeners({ ...gateway, mesh }), [true]);
});

t.test('what is done with x-forwarded-client-cert', async (t) => {
  const yaml = base + gatewayOf([{ tls: files }]) + http;
  const details = (settings: ProxySettings) =>
    chains(translate(yaml, settings)).map((chain) =>
      chain.kind === 'http' ? chain.http.forwardClientCert : null,
    );
  t.strictSame(details(gateway), ['SANITIZE_SET']);
  const mesh = { ...gateway.mesh, gatewayForwardClientCert: 'FORWARD_ONLY' } as const;
  t.strictSame(details({ ...gateway, mesh }), ['FORWARD_ONLY']);
});

function secret(name: string, values: Readonly<Record<string, string>>, field = 'data'): string {
  const [namespace, own] = name.split('/');
  const lines = Object.entries(values).map(([key, text]) => {
    const value = field === 'data' ? Buffer.from(text).toString('base64') : JSON.stringify(text);
    return `  ${key}: ${value}\n`;
  });
  return `---
apiVersion: v1
kind: Secret
metadata: {name: ${own}, namespace: ${namespace}}
${field}:
${lines.join('')}`;
}

const pair = { 'tls.crt': pem('server-a'), 'tls.key': pem('server-a.key') };

/** Names with what is there: c(ertificate), a(uthorities), r(evoked). */
function delivered({ secrets }: Translation): string[] {
  return secrets.map(({ name, certificate, privateKey, trustedCa, revocationList }) => {
    const has = [certificate !== null && privateKey !== null, trustedCa, revocationList];
    return `${name} ${['c', 'a', 'r'].filter((_, index) => Boolean(has[index])).join('')}`;
  });
}

function withSecrets(tls: string, secrets: string, settings = gateway): Translation {
  return translate(base + gatewayOf([{ tls }]) + http + secrets, settings);
}

t.test('of all Secrets those are delivered that are named', async (t) => {
  const names = '/c-cacert c d e'.split(' ');
  const all = names.map((name) => secret(`istio-system/${name.replace('/', '')}`, pair)).join('');
  const authorities = { 'ca.crt': pem('authority') };
  const ca = secret('istio-system/c-cacert', authorities);
  t.strictSame(delivered(withSecrets('mode: SIMPLE, credentialName: d', all)), [
    'kubernetes://istio-system/d c',
  ]);
  t.strictSame(delivered(withSecrets('mode: SIMPLE, credentialNames: [d, e]', all)), [
    'kubernetes://istio-system/d c',
    'kubernetes://istio-system/e c',
  ]);
  const own = secret('istio-system/c', pair);
  t.strictSame(delivered(withSecrets('mode: MUTUAL, credentialName: c', own + ca)), [
    'kubernetes://istio-system/c c',
    'kubernetes://istio-system/c-cacert a',
  ]);
  const both = secret('istio-system/c', { ...pair, ...authorities });
  t.strictSame(delivered(withSecrets('mode: MUTUAL, credentialName: c', both)), [
    'kubernetes://istio-system/c c',
    'kubernetes://istio-system/c-cacert a',
  ]);
});

t.test('a Secret has its values under the names of either kind', async (t) => {
  const generic = { cert: pem('server-a'), key: pem('server-a.key'), cacert: pem('authority') };
  for (const field of ['data', 'stringData']) {
    const text = secret('istio-system/c', generic, field);
    t.strictSame(delivered(withSecrets('mode: OPTIONAL_MUTUAL, credentialName: c', text)), [
      'kubernetes://istio-system/c c',
      'kubernetes://istio-system/c-cacert a',
    ]);
  }
  const mixed = secret('istio-system/c', { ...generic, 'tls.crt': 'x', 'tls.key': 'x' });
  t.strictSame(delivered(withSecrets('mode: SIMPLE, credentialName: c', mixed)), [
    'kubernetes://istio-system/c c',
  ]);
});

t.test('a chain without its Secret is there all the same, and told', async (t) => {
  const tls = 'mode: SIMPLE, credentialName: c';
  const hintOf = (secrets: string) => {
    const translation = withSecrets(tls, secrets);
    t.strictSame(delivered(translation), []);
    t.match(chains(translation), [{ tls: { certificates: ['kubernetes://istio-system/c'] } }]);
    const [finding] = translation.findings;
    t.match(finding, { code: 'SLC0222', path: 'spec.servers[0].tls.credentialName' });
    return finding?.hint;
  };
  t.match(hintOf(''), /add a Secret "c" .* to namespace istio-system/);
  const near = secret('istio-system/cc', pair);
  t.match(hintOf(near), /^did you mean "cc"\? If not, add a Secret "c"/);
  t.match(hintOf(secret('team/c', pair)), /it is in namespace team, but must be in istio-system/);
  t.match(hintOf(secret('istio-system/c', { other: 'x' })), 'add tls.crt and tls.key');
  const mutual = withSecrets('mode: MUTUAL, credentialName: c', secret('istio-system/c', pair));
  t.match(mutual.findings, [{ hint: 'add ca.crt, or a Secret "c-cacert" with it' }]);
  const wrongEnd = withSecrets(
    'mode: MUTUAL, credentialName: c, caCertCredentialName: ca',
    secret('istio-system/c', pair) + secret('istio-system/ca', { cacert: pem('authority') }),
  );
  t.strictSame(delivered(wrongEnd), ['kubernetes://istio-system/c c']);
  t.match(wrongEnd.findings, [{ code: 'SLC0222', hint: /must end with "-cacert"/ }]);
});

t.test('a Secret of another namespace is not given to the proxy', async (t) => {
  const tls = 'mode: SIMPLE, credentialName: "kubernetes://team/c"';
  const translation = withSecrets(tls, secret('team/c', pair));
  t.strictSame(delivered(translation), []);
  t.match(chains(translation), [{ tls: { certificates: ['kubernetes://team/c'] } }]);
  const own = withSecrets(tls, secret('team/c', pair), {
    ...gateway,
    identity: { ...gateway.identity, namespace: 'team' },
  });
  t.strictSame(delivered(own), ['kubernetes://team/c c']);
});

t.test('a pair that cannot be used is told by its keys, and nothing of it is shown', async (t) => {
  const key = pem('server-a.key');
  const other = pem('server-b.key');
  const cases: readonly (readonly [Record<string, string>, string, RegExp])[] = [
    [{ ...pair, 'tls.crt': 'none' }, 'tls.crt', /"tls.crt" is no certificate in PEM/],
    [{ ...pair, 'tls.crt': key }, 'tls.crt', /"tls.crt" is no certificate in PEM/],
    [{ ...pair, 'tls.key': pem('server-a') }, 'tls.key', /"tls.key" is no private key in PEM/],
    [{ ...pair, 'tls.key': other }, 'tls.key', /"tls.key" is not the key of the first/],
  ];
  for (const [values, path, message] of cases) {
    const translation = withSecrets(
      'mode: SIMPLE, credentialName: c',
      secret('istio-system/c', values),
    );
    t.strictSame(delivered(translation), []);
    t.match(translation.findings, [{ code: 'SLC0223', path: `data["${path}"]`, message }]);
    for (const line of [key, other].flatMap((text) => text.split('\n'))) {
      const shown = JSON.stringify(translation.findings);
      if (line.length > 40 && !line.startsWith('-----')) t.notOk(shown.includes(line));
    }
  }
});

t.test('no key is in the model', async (t) => {
  const { mesh } = withSecrets('mode: SIMPLE, credentialName: c', secret('istio-system/c', pair));
  t.notOk(JSON.stringify(mesh).includes('PRIVATE KEY'));
});

t.test('a redirect from a server with TLS keeps the port of https off', async (t) => {
  const redirect = rule('v', 'http: [{redirect: {uri: /x, derivePort: FROM_PROTOCOL_DEFAULT}}]');
  t.strictSame(findingPlaces(translate(gatewayOf([{ tls: files }]) + redirect, gateway)), []);
});
