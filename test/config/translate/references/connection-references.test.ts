import t from 'tap';
import { entry, listeningOn } from '../chain-summaries.ts';
import { gateway, resource, translate } from '../translate-yaml.ts';

const a = 'a.example.com';

/** `code path message` of what is found. */
function found(yaml: string, settings = listeningOn(9000)): string[] {
  const { findings } = translate(yaml, settings);
  return findings.map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

function rules(text: string, extra = ''): string {
  return resource('VirtualService', 'v', `{hosts: [${a}], ${extra} ${text}}`);
}

const toA = `route: [{destination: {host: ${a}}}]`;

t.test('destinations of connections that do not exist are told', async (t) => {
  const to = (destination: string) =>
    found(entry(a) + rules(`tcp: [{route: [{destination: {${destination}}}]}]`));
  t.strictSame(to(`host: ${a}`), []);
  const place = 'spec.tcp[0].route[0].destination';
  t.strictSame(to('host: b'), [
    `SLC0203 ${place}.host: no Service or ServiceEntry has the host b.default.svc.cluster.local; connections to it are closed`,
  ]);
  t.match(to(`host: ${a}, port: {number: 1}`), [/^SLC0205 .*has no port 1; connections/]);
  t.match(to(`host: ${a}, subset: v9`), [/^SLC0204 .*a subset "v9"; connections/]);
});

t.test('a rule that no connection of the mesh can come to is told', async (t) => {
  const tcp = (match = '') => rules(`tcp: [{${match} ${toA}}]`);
  const tls = rules(`tls: [{match: [{sniHosts: [${a}]}], ${toA}}]`);
  const port = (protocol: string) => entry(a, { protocol });
  t.strictSame(found(port('TCP') + tcp()), []);
  t.strictSame(found(port('""') + tcp()), []);
  t.strictSame(found(port('HTTPS') + tls), []);
  t.strictSame(found(port('HTTP') + tcp()), [
    'SLC0231 spec.tcp[0]: the tcp rule has no effect in the mesh: port 9000 is HTTP',
  ]);
  t.match(found(port('TLS') + tcp()), [/^SLC0231 .*port 9000 is TLS/]);
  t.match(found(port('TCP') + tls), [/^SLC0231 spec\.tls\[0\]: the tls rule .*9000 is TCP/]);
  t.match(found(port('TCP') + tcp('match: [{port: 1}],')), [/^SLC0231 .*have no such port/]);
  const other = `tcp: [{route: [{destination: {host: b.example.com}}]}]`;
  t.match(found(entry('b.example.com') + rules(other)), [/^SLC0231 spec\.hosts: no service has/]);
});

t.test('a rule for a port without a listener is told, for gateways it is not', async (t) => {
  const yaml = entry(a) + rules(`tcp: [{${toA}}]`);
  const { findings } = translate(yaml, listeningOn(80));
  t.match(findings, [
    { code: 'SLC0232', severity: 'info', hint: 'open one with --outbound 127.0.0.1:9000=9000' },
  ]);
  t.strictSame(found(yaml, gateway), []);
});

t.test('a rule for Gateways needs a server that takes it', async (t) => {
  const withServer = (server: string, text: string, gateways = '[default/gw]') =>
    found(
      entry(a) +
        resource('Gateway', 'gw', `{servers: [{hosts: ["*"], ${server}}]}`) +
        rules(text, `gateways: ${gateways},`),
      { ...gateway, selectorsApply: false },
    ).filter((line) => line.startsWith('SLC0231'));
  const tcp = '{number: 9000, name: p, protocol: TCP}';
  const http = '{number: 9000, name: p, protocol: HTTP}';
  const passthrough = 'port: {number: 9000, name: p, protocol: TLS}, tls: {mode: PASSTHROUGH}';
  const tlsRule = `tls: [{match: [{sniHosts: [${a}]}], ${toA}}]`;
  t.strictSame(withServer(`port: ${tcp}`, `tcp: [{${toA}}]`), []);
  t.strictSame(withServer(passthrough, tlsRule), []);
  t.strictSame(withServer(`port: ${http}`, `tcp: [{${toA}}]`), [
    'SLC0231 spec.tcp[0]: the tcp rule has no effect: no server of its Gateways is for it',
  ]);
  t.match(withServer(`port: ${tcp}`, `tcp: [{match: [{port: 9001}], ${toA}}]`), [/^SLC0231/]);
  t.match(withServer(`port: ${tcp}`, tlsRule), [/^SLC0231 spec\.tls\[0\]/]);
  t.strictSame(
    withServer(`port: ${http}`, `tcp: [{${toA}}]`, '[default/gw, mesh]'),
    [],
    'it may be meant for the mesh',
  );
});
