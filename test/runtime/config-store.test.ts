import t from 'tap';
import type { SourceFile } from '../../src/config/parse/source-file.ts';
import type { ProxyFlags } from '../../src/config/settings/proxy-flags.ts';
import { ConfigStore, type LoadOutcome } from '../../src/runtime/config-store.ts';

function openStore(flags: ProxyFlags = {}): (...texts: readonly string[]) => LoadOutcome {
  const store = new ConfigStore(flags, true);
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
  t.match(listener?.http.limits, { requestHeadBytes: 8192, streamIdleMs: 5000 });
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

t.test('what came from files that cannot be read stays', async (t) => {
  const store = new ConfigStore({}, true);
  store.load(files([entry]));
  const place = { file: '0.yaml', line: 0, column: 0, path: '', resource: '' };
  const unreadable = { code: 'SLC0001', severity: 'error', message: '', hint: null } as const;
  const outcome = store.load([], [{ ...unreadable, ...place }]);
  t.ok(outcome.loaded?.mesh.clusters.some(({ name }) => name.includes('web.example')));
});

t.test('to start without any resource is an error, to lose all of them later is not', async (t) => {
  t.strictSame(found(openStore()('')), ['error SLC0005 0']);
  t.strictSame(found(openStore()('kind: [')).includes('error SLC0005 0'), false);
  const load = openStore();
  load(entry);
  t.strictSame(found(load('')), []);
});

t.test('documents that have not changed are not parsed again', async (t) => {
  const load = openStore();
  const services = Array.from({ length: 400 }, (_, index) =>
    entry.replaceAll('web', `web${index}`),
  );
  const many = services.join('---\n');
  const first = cpuMs(() => load(many));
  const second = cpuMs(() => load(many, entry));
  t.ok(second < first / 2, `${second} ms of CPU after ${first} ms`);
});

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
