import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import { translateMesh } from '../../../../src/config/translate/mesh.ts';
import type { Listener } from '../../../../src/model/listener.ts';
import { loadResources } from '../../../support/load-resources.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import { gateway, resource, service, translate } from '../translate-yaml.ts';

const localTls: ProxySettings = { ...gateway, localTls: true };
const base = service('a');

function gatewayOf(...servers: readonly string[]): string {
  return resource('Gateway', 'istio-system/gw', `{servers: [${servers.join(', ')}]}`);
}

function server(number: number, protocol: string, rest = ''): string {
  return `{port: {number: ${number}, name: p${number}, protocol: ${protocol}}, hosts: ["*"]${rest}}`;
}

const rule = resource(
  'VirtualService',
  'v',
  '{hosts: [a.test], gateways: [istio-system/gw], http: [{route: [{destination: ' +
    '{host: a.default.svc.cluster.local}}]}]}',
);

/** `address:port for service port, chain -> table`, and whether the local authority is asked. */
function shown({ address, port, servicePort, filterChains }: Listener): string {
  const [chain] = filterChains;
  const table = chain?.kind === 'http' && chain.routes.kind === 'table' ? chain.routes.name : '';
  const tls = chain?.tls == null ? 'plain' : chain.tls.localAuthority ? 'local' : 'own';
  return `${address}:${port} for ${servicePort}, ${tls} -> ${table}`;
}

function listeners(servers: readonly string[], settings = localTls): string[] {
  return translate(base + gatewayOf(...servers) + rule, settings).mesh.listeners.map(shown);
}

t.test('a Gateway for plain HTTP gets https beside it, with its route table', async (t) => {
  const plain = '127.0.0.1:8080 for 80, plain -> http.80';
  const http = server(80, 'HTTP');
  t.strictSame(listeners([http], gateway), [plain], 'not without local TLS');
  t.strictSame(listeners([http]), [plain, '127.0.0.1:8443 for 443, local -> http.80']);
  t.strictSame(
    listeners([http, server(8000, 'HTTP')]),
    [
      plain,
      '127.0.0.1:8443 for 443, local -> http.80',
      '127.0.0.1:8000 for 8000, plain -> http.8000',
    ],
    'port 80 before others',
  );
  t.strictSame(
    listeners([server(9000, 'HTTP'), server(8000, 'HTTP2')])[0],
    '127.0.0.1:8443 for 443, local -> http.8000',
    'else the lowest',
  );
  t.strictSame(
    listeners([http], { ...localTls, gatewayPorts: { 443: 7000 } })[1],
    '127.0.0.1:7000 for 443, local -> http.80',
  );
  t.strictSame(
    listeners([http, server(80, 'HTTP', ', bind: 127.0.0.2').replace('p80', 'q')]).slice(1),
    [
      '127.0.0.2:8080 for 80, plain -> http.80.127.0.0.2',
      '127.0.0.1:8443 for 443, local -> http.80',
      '127.0.0.2:8443 for 443, local -> http.80.127.0.0.2',
    ],
    'at each address',
  );
  t.strictSame(listeners([server(3306, 'TCP')]), [], 'and none beside TCP');
});

t.test('no port is added where a server has it', async (t) => {
  const http = server(80, 'HTTP');
  const own = ', tls: {mode: SIMPLE, serverCertificate: /c, privateKey: /k}';
  t.strictSame(listeners([http, server(443, 'HTTPS', own)]), [
    '127.0.0.1:8080 for 80, plain -> http.80',
    '127.0.0.1:8443 for 443, local -> https.443.p443.gw.istio-system',
  ]);
  const moved = translate(base + gatewayOf(http, server(8443, 'HTTPS', own)) + rule, localTls);
  t.strictSame(moved.mesh.listeners.map(shown), [
    '127.0.0.1:8080 for 80, plain -> http.80',
    '127.0.0.1:8443 for 8443, local -> https.8443.p8443.gw.istio-system',
  ]);
  t.strictSame(moved.findings, [], 'what has https there already needs no word');
  const outbound = [{ address: '127.0.0.1', port: 8443, servicePort: null }];
  const taken = translate(base + gatewayOf(http) + rule, { ...localTls, outbound });
  t.match(
    taken.findings.find(({ code }) => code === 'SLC0207'),
    { message: /gateway port 443 is not opened/, hint: /--port 443=PORT/ },
  );
});

t.test('a redirect to https leads to the same rules', async (t) => {
  const { mesh } = translate(
    base + gatewayOf(server(80, 'HTTP', ', tls: {httpsRedirect: true}')) + rule,
    localTls,
  );
  t.match(mesh.listeners.map(shown)[1], 'for 443, local -> http.80');
  const [host] = mesh.routeTables[0]?.virtualHosts.filter(({ name }) => name === 'a.test:80') ?? [];
  t.match(host, { requireTls: true, routes: [{}] });
});

t.test('TLS of the added listener is that of the mesh', async (t) => {
  const tlsDefaults = { minVersion: 'TLSv1.3', cipherSuites: null } as const;
  const settings = { ...localTls, mesh: { ...localTls.mesh, tlsDefaults } };
  const { mesh } = translate(base + gatewayOf(server(80, 'HTTP')) + rule, settings);
  t.strictSame(mesh.listeners[1]?.filterChains[0]?.tls, {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    certificates: [],
    localAuthority: true,
    clientCertificate: 'none',
    validation: null,
    alpn: ['h2', 'http/1.1'],
  });
});

t.test('a missing credential is an info where the local authority stands in', async (t) => {
  const named = (tls: string) => base + gatewayOf(server(443, 'HTTPS', `, tls: {${tls}}`)) + rule;
  const found = (yaml: string, settings: ProxySettings) =>
    translate(yaml, settings).findings.map(
      ({ code, severity, message }) => `${code} ${severity}: ${message}`,
    );
  const simple = named('mode: SIMPLE, credentialName: gone');
  t.match(found(simple, gateway), [/^SLC0222 warning: .*are closed/]);
  t.strictSame(found(simple, localTls), [
    'SLC0243 info: there is no Secret istio-system/gone; the local authority signs certificates ' +
      'in its place',
  ]);
  t.match(found(named('mode: SIMPLE, credentialNames: [gone]'), localTls), [/^SLC0243 info/]);
  t.match(
    found(named('mode: MUTUAL, credentialName: gone'), localTls),
    [/^SLC0243 info/, /^SLC0222 warning: .*gone-cacert.*are closed/],
    'nobody stands in for the authorities of clients',
  );
  const there =
    'apiVersion: v1\nkind: Secret\nmetadata: {name: gone, namespace: istio-system}\nstringData:\n' +
    `  tls.crt: ${JSON.stringify(pem('server-a'))}\n` +
    `  tls.key: ${JSON.stringify(pem('server-a.key'))}\n---\n`;
  t.strictSame(found(there + simple, localTls), []);
  const broken = there.replace(/tls.key: .*/, 'tls.key: nonsense');
  t.match(found(broken + simple, localTls), [/^SLC0223 warning: .*local authority signs/]);
});

t.test('a server need not name a certificate, with local TLS only', async (t) => {
  const text = base + gatewayOf(server(443, 'HTTPS', ', tls: {mode: SIMPLE}')) + rule;
  const files = [{ path: 'test.yaml', text }];
  t.match(
    loadResources(files).findings.map(({ message }) => message),
    ['TLS needs a certificate', 'TLS needs a private key'],
  );
  const read = loadResources(files, true);
  t.strictSame(read.findings, []);
  const { mesh, findings } = translateMesh(read.resources, localTls);
  t.match(findings, [{ code: 'SLC0243', severity: 'info', path: 'spec.servers[0].tls' }]);
  t.match(mesh.listeners[0]?.filterChains[0]?.tls, { certificates: [], localAuthority: true });
  const half = ', tls: {mode: SIMPLE, serverCertificate: /c.pem}';
  const halves = [{ path: 'test.yaml', text: base + gatewayOf(server(443, 'HTTPS', half)) + rule }];
  t.match(
    loadResources(halves, true).findings.map(({ message }) => message),
    ['TLS needs a private key'],
  );
});

t.test('ISTIO_MUTUAL is left to the mesh', async (t) => {
  const text = base + gatewayOf(server(443, 'HTTPS', ', tls: {mode: ISTIO_MUTUAL}')) + rule;
  const { mesh } = translate(text, { ...localTls, identityFolder: '/etc/certs' });
  t.equal(mesh.listeners[0]?.filterChains[0]?.tls?.localAuthority, false);
});
