import t from 'tap';
import type { SourceFile } from '../../src/config/parse/source-file.ts';
import type { ProxyFlags } from '../../src/config/settings/proxy-flags.ts';
import { ConfigStore, type LoadOutcome } from '../../src/runtime/config-store.ts';
import { pem } from '../support/tls-fixtures.ts';

function openStore(flags: ProxyFlags = {}): (...texts: readonly string[]) => LoadOutcome {
  const store = new ConfigStore(flags, 0);
  return (...texts) => store.load(files(texts));
}

function files(texts: readonly string[]): SourceFile[] {
  return texts.map((text, index) => ({ path: `${index}.yaml`, text }));
}

/** `severity code line` of each finding. */
function found({ findings }: LoadOutcome): string[] {
  return findings.map(({ severity, code, line }) => `${severity} ${code} ${line}`);
}

/** Ports of the outbound listeners. */
function outbound({ loaded }: LoadOutcome): number[] {
  const listeners = loaded?.mesh.listeners ?? [];
  return listeners.filter(({ direction }) => direction === 'outbound').map(({ port }) => port);
}

function bootstrap(spec: string): string {
  return `apiVersion: sluice.dev/v1\nkind: Bootstrap\nmetadata: {name: a}\nspec: ${spec}\n`;
}

const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.example]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 10.0.0.1}]
`;
const rule = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.example]
  http:
  - route: [{destination: {host: web.exampel}}]
`;

t.test('resources become a mesh, with the findings of translation', async (t) => {
  const outcome = openStore()(entry, rule);
  t.strictSame(found(outcome), ['warning SLC0203 7']);
  t.strictSame(outcome.rejected, []);
  t.ok(outcome.loaded?.mesh.clusters.some(({ name }) => name === 'outbound|80||web.example'));
});

t.test('limits of the Bootstrap reach the listeners', async (t) => {
  const { loaded } = openStore()(bootstrap('{limits: {requestHeadBytes: 8Ki, streamIdle: 5s}}'));
  const [listener] = loaded?.mesh.listeners ?? [];
  t.match(listener?.limits, { requestHeadBytes: 8192, streamIdleMs: 5000 });
});

t.test('wrong flags are told apart from a wrong Bootstrap', async (t) => {
  const outcome = openStore({ admin: '1' })(bootstrap('{listeners: {outbound: here}}'));
  t.equal(outcome.loaded, null);
  t.match(outcome.flagErrors, [{ flag: 'admin', path: null }]);
  t.strictSame(found(outcome), ['error SLC0301 4']);
  t.strictSame(outcome.rejected, ['Bootstrap a']);
});

t.test('a Bootstrap that becomes wrong leaves all settings as they were', async (t) => {
  const load = openStore();
  t.strictSame(outbound(load(bootstrap('{listeners: {outbound: 127.0.0.1:1}}'))), [1]);
  const wrong = bootstrap('{listeners: {outbound: 127.0.0.1:2}, limits: {mirrorTimeout: 0s}}');
  const outcome = load(wrong, entry);
  t.strictSame(found(outcome), ['error SLC0301 4']);
  t.strictSame(outcome.rejected, ['Bootstrap a']);
  t.strictSame(outbound(outcome), [1]);
  t.ok(outcome.loaded?.mesh.clusters.some(({ name }) => name.includes('web.example')));
  t.strictSame(outbound(load(bootstrap('{listeners: {outbound: 127.0.0.1:3}}'))), [3]);
});

t.test('a broken resource is named, and its last good version stays', async (t) => {
  const load = openStore();
  load(entry);
  const outcome = load(entry.replace('resolution: STATIC', 'resolution: STATUC'));
  t.strictSame(outcome.rejected, ['ServiceEntry default/web']);
  t.ok(outcome.loaded?.mesh.clusters.some(({ name }) => name.includes('web.example')));
});

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
`;

t.test('what only follows from a refused resource is not told', async (t) => {
  const bound = rule.replace('  http:', '  gateways: [gw]\n  http:').replace('exampel', 'example');
  const misspelt = bound.replace('  http:', '  htpp:');
  t.strictSame(found(openStore()(entry, gateway, bound)), []);
  t.strictSame(found(openStore()(entry, gateway, misspelt)), ['error SLC0030 7']);
  t.strictSame(found(openStore()(entry, gateway)), ['warning SLC0202 6']);
  const broken = entry.replace('STATIC', 'STATUC');
  t.strictSame(found(openStore()(broken, rule)), ['error SLC0032 6']);
  t.strictSame(found(openStore()('kind: [', rule)).includes('warning SLC0203 7'), false);
  const traced = `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: traced}
spec: {tracing: [{providers: [{name: ours}]}]}
`;
  t.strictSame(found(openStore()(entry, traced)), ['warning SLC0250 4']);
  t.strictSame(found(openStore()(bootstrap('{meshConfg: {}}'), entry, traced)), [
    'error SLC0030 4',
  ]);
});

t.test('what came from files that cannot be read stays', async (t) => {
  const store = new ConfigStore({}, 0);
  store.load(files([entry]));
  const place = { file: '0.yaml', line: 0, column: 0, path: '', resource: '' };
  const unreadable = { code: 'SLC0001', severity: 'error', message: '', hint: null } as const;
  const outcome = store.load([], [{ ...unreadable, ...place }]);
  t.ok(outcome.loaded?.mesh.clusters.some(({ name }) => name.includes('web.example')));
});

t.test('to start without any resource is an error', async (t) => {
  t.strictSame(found(openStore()('')), ['error SLC0005 0']);
  t.strictSame(found(openStore()('kind: [')).includes('error SLC0005 0'), false);
});

t.test('a reload that would leave nothing is refused', async (t) => {
  const load = openStore();
  load(entry);
  for (const texts of [[''], ['# nothing\n'], []]) {
    const outcome = load(...texts);
    t.strictSame(found(outcome), ['error SLC0005 0']);
    t.equal(outcome.loaded, null);
  }
  const outcome = load('', rule);
  t.match(outcome.loaded, {}, 'a resource that is left makes it a deletion');
  t.match(outcome.findings[0], {
    code: 'SLC0006',
    severity: 'warning',
    file: '0.yaml',
    message: 'the file has no resources any more; gone: ServiceEntry default/web',
  });
});

t.test('a file that has become empty is told once, and only if something is gone', async (t) => {
  const load = openStore();
  const emptied = (...texts: readonly string[]) =>
    load(...texts).findings.filter(({ code }) => code === 'SLC0006');
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => entry.replaceAll('web', name));
  t.same(emptied(entry, many.join('---\n')), []);
  t.match(emptied(entry, '# later'), [
    {
      file: '1.yaml',
      message:
        'the file has no resources any more; gone: ServiceEntry default/a, ' +
        'ServiceEntry default/b, ServiceEntry default/c and 2 more',
    },
  ]);
  t.same(emptied(entry, '# later'), []);
  t.same(emptied('', entry), [], 'it has moved');
  t.same(emptied('', 'kind: ['), [], 'its last good version stays');
});

t.test('local TLS is what it was at the start, by flag or Bootstrap', async (t) => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - {port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE}}
`;
  const refused = ['error IST0106 6', 'error IST0106 6'];
  const on = bootstrap('{listeners: {localTls: true}}');
  const off = bootstrap('{listeners: {localTls: false}}');
  const load = openStore();
  t.strictSame(found(load(gateway, off)).slice(0, 2), refused);
  t.strictSame(found(load(gateway, on)).slice(0, 2), refused, 'a Bootstrap comes too late');
  const errors = found(openStore()(gateway, on)).filter((line) => line.startsWith('error'));
  t.strictSame(errors, []);
  const flagged = openStore({ localTls: true });
  t.strictSame(found(flagged(gateway, off)), found(openStore()(gateway, on)), 'a flag wins');
});

t.test('a Secret that is gone is told with what goes on without it', async (t) => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: ["*"]
    tls: {mode: SIMPLE, credentialName: a}
`;
  const forGateway = rule.replace('http:', 'gateways: [gw]\n  http:');
  const secret = `apiVersion: v1
kind: Secret
metadata: {name: a}
stringData: ${JSON.stringify({ 'tls.crt': pem('server-a'), 'tls.key': pem('server-a.key') })}
`;
  const load = openStore();
  const others = [entry, forGateway, gateway];
  const said = (outcome: LoadOutcome) => {
    const about = outcome.findings.filter(({ code }) => /^SLC022[23]$/.test(code));
    return [outcome.keepsSecrets, ...about.map(({ message }) => message.split('; ')[1])];
  };
  const closed = 'connections that need it are closed';
  const kept = 'its last good version is used';
  t.strictSame(said(load(...others)), [false, closed]);
  t.strictSame(said(load(...others)), [false, closed]);
  t.strictSame(said(load(...others, secret)), [false]);
  t.strictSame(said(load(...others)), [true, kept]);
  t.strictSame(said(load(...others, secret.replace('BEGIN CERT', 'BEGIN'))), [true, kept]);
  t.strictSame(said(load(entry)), [false]);
  t.strictSame(said(load(...others)), [false, closed], 'the proxy has let go of it, too');
});

t.test('a format that cannot be used has a place, and the last good Bootstrap stays', async (t) => {
  const load = openStore();
  t.strictSame(outbound(load(bootstrap('{listeners: {outbound: 127.0.0.1:1}}'))), [1]);
  const bad = load(bootstrap('{meshConfig: {accessLogFormat: "%NOPE%"}}'));
  t.match(bad.findings, [{ severity: 'error', code: 'IST0106', line: 4, column: 38 }]);
  t.strictSame(outbound(bad), [1]);
});
