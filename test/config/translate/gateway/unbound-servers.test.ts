import t from 'tap';
import { findingPlaces, gateway, resource, service, translate } from '../translate-yaml.ts';

const toA = 'route: [{destination: {host: a.default.svc.cluster.local}}]';

/** The hints of `code` for a server and the rules of a VirtualService; null: it has other hosts. */
function hints(code: string, server: string, rules: string | null): (string | null)[] {
  const host = rules === null ? 'b.com' : 'a.com';
  const yaml =
    service('a') +
    resource('Gateway', 'istio-system/gw', `{servers: [{hosts: [a.com], ${server}}]}`) +
    resource(
      'VirtualService',
      'v',
      `{hosts: [${host}], gateways: [istio-system/gw], ${rules ?? http}}`,
    );
  const { findings } = translate(yaml, gateway);
  return findings.filter((finding) => finding.code === code).map(({ hint }) => hint);
}

const port = (protocol: string) => `port: {number: 443, name: p, protocol: ${protocol}}`;
const certificate = 'serverCertificate: /c, privateKey: /k';
const http = `http: [{${toA}}]`;
const tcp = `tcp: [{${toA}}]`;
const tls = `tls: [{match: [{sniHosts: [a.com]}], ${toA}}]`;

t.test('the hint for a server without rules says what was probably meant', async (t) => {
  const cases: readonly (readonly [server: string, rules: string | null, hint: RegExp])[] = [
    [port('HTTP'), null, /^name "istio-system\/gw" in spec\.gateways of a VirtualService$/],
    [
      port('HTTP'),
      tcp,
      /^VirtualService default\/v has tcp rules only, and HTTP needs http rules$/,
    ],
    [
      port('GRPC'),
      tls,
      /^VirtualService default\/v has tls rules only, and GRPC needs http rules$/,
    ],
    [
      `${port('HTTPS')}, tls: {credentialName: c}`,
      http,
      /^without mode it is PASSTHROUGH; set mode/,
    ],
    [`${port('HTTPS')}, tls: {mode: PASSTHROUGH}`, http, /default\/v has http rules: they need/],
    [`${port('HTTPS')}, tls: {mode: PASSTHROUGH}`, null, /^connections are routed by spec\.tls of/],
    [`${port('TLS')}, tls: {mode: SIMPLE, ${certificate}}`, http, /need protocol: HTTPS/],
    [port('TCP'), null, /^connections are routed by spec\.tcp of/],
  ];
  for (const [server, rules, hint] of cases) t.match(hints('SLC0202', server, rules), [hint]);
});

t.test('the hint for a rule without a server names the rules that its servers take', async (t) => {
  const simple = `tls: {mode: SIMPLE, ${certificate}}`;
  const cases: readonly (readonly [server: string, rules: string, hint: RegExp])[] = [
    [port('HTTP'), tcp, /; for HTTP write http rules$/],
    [`${port('HTTPS')}, ${simple}`, tcp, /; for HTTP write http rules$/],
    [port('TCP'), tls, /^tls rules are for servers with tls\.mode PASSTHROUGH$/],
    [`${port('TLS')}, ${simple}`, tls, /; where TLS ends, write tcp rules$/],
    [`${port('HTTPS')}, ${simple}`, tls, /; where TLS ends, write http rules$/],
  ];
  for (const [server, rules, hint] of cases) t.match(hints('SLC0231', server, rules), [hint]);
});

t.test('gRPC-Web is translated where the first server of a port is for it', async (t) => {
  const table = (first: string, second: string) => {
    const server = (protocol: string, host: string) =>
      `{port: {number: 80, name: ${host}, protocol: ${protocol}}, hosts: [${host}.com]}`;
    const servers = `[${server(first, 'a')}, ${server(second, 'b')}]`;
    const yaml =
      service('a') +
      resource('Gateway', 'istio-system/gw', `{servers: ${servers}}`) +
      resource('VirtualService', 'v', `{hosts: ["*"], gateways: [istio-system/gw], ${http}}`);
    const translation = translate(yaml, gateway);
    t.strictSame(findingPlaces(translation), []);
    return translation.mesh.routeTables.map(({ grpcWeb }) => grpcWeb);
  };
  t.strictSame(table('GRPC-WEB', 'HTTP'), [true]);
  t.strictSame(table('grpc-web', 'GRPC'), [true]);
  t.strictSame(table('HTTP', 'GRPC-WEB'), [false]);
});
