import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Value } from 'typebox/value';
import { ExplanationAnswer } from '../../../src/admin/api/schema/explanation.ts';
import { runInProcess } from '../../support/command-in-process.ts';
import { shownCommands } from '../../support/console-blocks.ts';
import { freePort } from '../../support/free-port.ts';
import { runCommand, SluiceProcess } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

t.setTimeout(120_000);

const bookinfo = join(import.meta.dirname, '../../../config/bookinfo');

const rules = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
  - {address: 127.0.0.1, ports: {http: 9101}, labels: {version: v1}}
  - {address: 127.0.0.1, ports: {http: 9102}, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web.test
  trafficPolicy:
    loadBalancer:
      consistentHash: {httpHeaderName: x-user}
  subsets:
  - {name: v1, labels: {version: v1}}
  - name: v2
    labels: {version: v2}
    trafficPolicy:
      outlierDetection: {consecutive5xxErrors: 3}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  http:
  - name: beta
    match:
    - headers: {x-beta: {exact: "yes"}}
      uri: {prefix: /app}
    - sourceLabels: {app: tester}
    route: [{destination: {host: web.test, subset: v2}}]
  - name: everybody
    timeout: 3s
    route:
    - {destination: {host: web.test, subset: v1}, weight: 90}
    - {destination: {host: web.test, subset: v2}, weight: 10}
`;

t.test('the walk in words: what failed, what holds and where it is said', async (t) => {
  const folder = tempFolder({ 'web.yaml': rules });
  t.teardown(() => folder.remove());
  const args = ['explain', 'GET', 'http://web.test/', '-f', 'web.yaml', '-H', 'X-User: jane'];
  const { stdout, stderr, code } = await runCommand(args, { cwd: folder.path });
  t.equal(stderr, '');
  t.equal(code, 0);
  for (const line of [
    /^GET http:\/\/web\.test\/\n {2}is forwarded\n/,
    /\n {2}✗ #1 beta {2}web\.yaml:35\n {6}path is to be prefix "\/app"; it is "\/"\n/,
    /\n {6}header x-beta is to be exact "yes"; the request has none\n/,
    /\n {2}✓ #2 everybody {2}web\.yaml:39\n/,
    /\n {2}timeout +3s {2}web\.yaml:40\n/,
    /\n {2}mirror +none {2}\(default\)\n/,
    /\n +90 % {2}outbound\|80\|v1\|web\.test {2}web\.yaml:21\n +loadBalancer +RING_HASH .+ {2}web\.yaml:18\n/,
    /\n +outlierDetection +eject after 3 5xx .+ {2}web\.yaml:25\n/,
    /\n +endpoint 127\.0\.0\.1:9101.* {2}the hash gives this one\n/,
    /\n {2}hash of header x-user, then header x-user: [0-9a-f]{16}\n/,
    /\n {4}x-user: jane\n/,
    /\n {2}\+ x-envoy-attempt-count: 1\n/,
  ]) {
    t.match(stdout, line);
  }
  t.notMatch(stdout, '\u001b', 'no colours where it is no terminal');
});

t.test('parts of the request line are told by their own names', async (t) => {
  const stdin = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: pay}
spec:
  hosts: [pay.test]
  http:
  - match: [{method: {exact: POST}}]
    directResponse: {status: 204}
`;
  const asked = (method: string) =>
    runInProcess(['explain', method, 'http://pay.test/', '-f', '-'], { stdin });
  t.match((await asked('GET')).stdout, '      method is to be exact "POST"; it is "GET"\n');
  t.match((await asked('POST')).stdout, '      method exact "POST"\n');
});

t.test('JSON fits the schema of the admin API, and labels of the sender count', async (t) => {
  const folder = tempFolder({ 'web.yaml': rules });
  t.teardown(() => folder.remove());
  const args = ['explain', 'GET', 'http://web.test/', '-f', folder.path, '--output', 'json'];
  const anybody = JSON.parse((await runInProcess(args)).stdout) as object;
  t.same(Value.Errors(ExplanationAnswer, anybody), []);
  t.match(anybody, { outcome: 'forwarded', matched: { name: 'everybody' } });
  const tester = await runInProcess([...args, '--source-labels', 'app=tester']);
  t.match(JSON.parse(tester.stdout), { matched: { name: 'beta' }, rejected: [{}] });
});

t.test('a running proxy explains by its endpoints', async (t) => {
  const folder = tempFolder({ 'web.yaml': rules });
  t.teardown(() => folder.remove());
  const outbound = `127.0.0.1:${await freePort()}=80`;
  const proxy = await SluiceProcess.start(['-f', folder.path, '--outbound', outbound]);
  t.teardown(() => proxy.kill());
  const admin = `127.0.0.1:${proxy.adminPort}`;
  const ask = ['explain', 'GET', 'http://web.test/', '--admin', admin];
  const { stdout } = await runInProcess(ask);
  t.match(stdout, /\n {2}timeout +3s {2}.+web\.yaml:40\n/);
  t.match(stdout, /\n +endpoint 127\.0\.0\.1:9101.* {2}healthy, 0 requests under way\n/);
  const elsewhere = await runInProcess([...ask, '--gateway', 'none']);
  t.equal(elsewhere.code, 1);
  t.match(
    elsewhere.stderr,
    /^sluice: there is no listener of a Gateway "none"; there are: none\n$/,
  );
});

t.test('which listener', async (t) => {
  const ask = ['explain', 'GET', 'http://reviews:9080/', '-f', bookinfo, '--output', 'json'];
  const asked = async (...more: string[]) =>
    JSON.parse((await runInProcess([...ask, ...more])).stdout) as object;
  t.match(await asked(), { listener: 'outbound_127.0.0.1_15001' });
  t.match(await asked('--mesh'), { listener: 'outbound_127.0.0.1_15001' });
  t.match(await asked('--gateway', 'bookinfo-gateway'), { listener: 'gateway_80' });
  t.match(await asked('--listener', 'gateway_80'), { listener: 'gateway_80' });
});

const wrong: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
  [[], 2, /a request has METHOD and URL, a connection --tcp HOST:PORT/],
  [['GET'], 2, /missing required argument 'url' \(see --help\)/],
  [['-f', bookinfo, 'GET', 'http://a/'], 2, /a request has .+; -f takes all words behind it/],
  [['GET', '-f', bookinfo, 'http://a/'], 2, /missing required argument 'url'; -f takes all words/],
  [['GET', 'http://a/', '--tcp', 'a:1'], 2, /METHOD and URL are those of a request/],
  [['--tcp', 'a:1', '-H', 'a: b'], 2, /--header is for requests/],
  [['--tcp', 'a', '-f', bookinfo], 2, /a connection goes to HOST:PORT/],
  [['--tcp', 'a:1', '-f', bookinfo], 1, /no listener takes connections to a:1: gateway_80 is for/],
  [['GET', 'http://a/', '-f', bookinfo, '--client-cert', 'no.pem'], 2, /--client-cert no\.pem: EN/],
  [
    ['GET', 'http://a/', '-f', bookinfo, '--no-client-cert'],
    2,
    /are of TLS: the url is one of https/,
  ],
  [['GET', 'http://a/'], 2, /required option '-f, --file <path...>' not specified/],
  [['GET', 'reviews', '-f', bookinfo], 2, /url is one of http or https .+ not "reviews"/],
  [['get', 'http://a/', '-f', bookinfo], 2, /"get" is no method of HTTP; did you mean GET\?/],
  [['GET', 'http://a:70000/', '-f', bookinfo], 2, /"70000" is no port/],
  [['GET', 'http://a/', '-f', bookinfo, '-H', 'x'], 2, /header is name:value, not "x"/],
  [
    ['GET', 'http://a/', '-f', bookinfo, '--mesh', '--gateway', 'g'],
    2,
    /--gateway and --mesh excl/,
  ],
  [['GET', 'http://a/', '-f', bookinfo, '--admin', '127.0.0.1:1'], 2, /--admin and --file exclude/],
  [['GET', 'http://a/', '-f', bookinfo, '--source-labels', 'x'], 2, /--source-labels: "x" is not/],
  [['GET', 'http://a/', '-f', '/missing'], 1, /\/missing: error SLC0001 cannot read/],
  [['GET', 'https://a/', '-f', bookinfo], 1, /no listener takes https requests for a;/],
];

t.test('what is asked wrongly is said in one line', async (t) => {
  for (const [args, code, message] of wrong) {
    const result = await runInProcess(['explain', ...args]);
    t.equal(result.code, code, args.join(' '));
    t.match(result.stderr, message);
    t.match(result.stderr, /^sluice: [^\n]+\n$/);
    t.equal(result.stdout, '');
  }
});

t.test('the documented example is what the command prints', async (t) => {
  const root = join(import.meta.dirname, '../../..');
  const text = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
  const shown = shownCommands(text).filter(({ command }) => command.startsWith('sluice explain '));
  t.equal(shown.length, 1);
  for (const { command, output } of shown) {
    const { stdout } = await runInProcess(command.split(' ').slice(1), { cwd: root });
    t.equal(stdout.trimEnd(), output.join('\n').trimEnd());
  }
});

const folder = (name: string) => join(import.meta.dirname, '../../../config', name);

t.test('a connection and a client certificate, by files and by a running proxy', async (t) => {
  const tcp = await runInProcess(['explain', '--tcp', 'store:6379', '-f', folder('tcp-routing')]);
  t.match(tcp.stdout, /^TCP to store:6379\n {2}is passed on\n/);
  t.match(
    tcp.stdout,
    /✓ tcp of VirtualService default\/store: it takes every connection {2}\S+:\d/,
  );
  t.match(tcp.stdout, / 100 % {2}outbound\|6379\|v2\|store/);
  const other = ['explain', '--tcp', 'store:6380', '-f', folder('tcp-routing')];
  t.match(
    (await runInProcess(other)).stderr,
    /no listener takes connections .+; from the mesh: --mesh$/m,
  );
  const mesh = await runInProcess([...other, '--mesh']);
  t.match(mesh.stderr, /explained as if there were --outbound 127\.0\.0\.1:15001=6380$/m);
  t.match(mesh.stdout, /✓ outbound_127\.0\.0\.1_15001, filter chain tcp: .+ port 6380 is its own/);
  const gateway = ['GET', 'https://admin.example.com/', '-f', folder('tls-gateway')];
  const shown = ['--client-cert', join(folder('tls-gateway'), 'client.pem')];
  const good = await runInProcess(['explain', ...gateway, ...shown]);
  t.match(
    good.stdout,
    /✓ the certificate of the client is good\n.+\n.+CN=ops \(ops\.example\.com\)/,
  );
  t.match(good.stdout, /\+ x-forwarded-client-cert: Hash=/);
  t.match(
    good.stdout,
    /✗ https\.443\.https-shop.+the server name is to be shop\.example\.com; it is/,
  );
  const none = await runInProcess(['explain', ...gateway, '--no-client-cert']);
  t.match(none.stdout, /is never sent: the handshake of TLS fails/);
  t.match(none.stdout, /✗ the client must show a certificate/);
  const ports = ['--port', `80=${await freePort()}`, '--port', `443=${await freePort()}`];
  const files = ['-f', folder('tls-gateway')];
  const proxy = await SluiceProcess.start([...files, ...ports, '--outbound', 'off']);
  t.teardown(() => proxy.kill());
  const admin = `127.0.0.1:${proxy.adminPort}`;
  const live = await runInProcess(['explain', ...gateway.slice(0, 2), '--admin', admin, ...shown]);
  t.match(live.stdout, /✓ the certificate of the client is good/);
  const closed = await runInProcess(['explain', '--tcp', 'x:443', '--admin', admin]);
  t.match(closed.stdout, /is closed, flag NR: no filter chain takes it/);
});
