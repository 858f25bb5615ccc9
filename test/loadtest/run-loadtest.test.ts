import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { readScenario } from '../../src/loadtest/read-scenario.ts';
import { type LoadProgress, runLoadtest } from '../../src/loadtest/run-loadtest.ts';
import { summarize } from '../../src/loadtest/summary.ts';
import { httpOrigin } from '../support/origin.ts';
import { tempFolder } from '../support/temp-folder.ts';

// Scenarios against a real proxy; those of the library are in test/conformance/loadtests.

t.setTimeout(60_000);

const library = join(import.meta.dirname, '../../config/loadtests');

/** `change`: of the text of a scenario of the library. */
async function run(name: string, change: (text: string) => string) {
  const path = join(library, name);
  const file = { path, text: change(readFileSync(path, 'utf8')) };
  const { scenario, findings } = readScenario(file, { folder: dirname(path), short: true });
  if (scenario === null) throw new Error(findings.map(({ message }) => message).join());
  const options = { scenario, seed: 1, onBegin: () => undefined };
  return runLoadtest({ ...options, signal: new AbortController().signal });
}

t.test('HTTP/1.1 over TLS goes through a Gateway whose certificate is checked', async (t) => {
  const seen = await run('tls.yaml', (text) => text.replace('protocol: h2', 'protocol: http1'));
  if (!seen.ok) throw new Error(JSON.stringify(seen.error));
  const { assertions, requests, endpoints } = summarize(seen.value);
  t.strictSame(
    assertions.filter(({ passed }) => !passed),
    [],
  );
  t.strictSame(Object.keys(requests[0]?.statuses ?? {}), ['200']);
  t.strictSame(
    requests.map(({ name }) => name),
    ['all', 'page', 'order'],
  );
  t.ok((endpoints[0]?.answers ?? 0) > 100);
});

t.test('a Gateway that nobody vouches for answers no request', async (t) => {
  const strange = '../tls-origination/authority.pem';
  const seen = await run('tls.yaml', (text) =>
    text.replace('../tls-gateway/authority.pem', strange).replaceAll('1s\n', '300ms\n'),
  );
  if (!seen.ok) throw new Error(JSON.stringify(seen.error));
  const { requests, passed } = summarize(seen.value);
  t.equal(passed, false);
  t.strictSame(requests[0]?.statuses, {});
  t.equal(requests[0]?.latency, null);
});

t.test('the mesh listener gets the load of a port of services', async (t) => {
  const rules = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  http: [{directResponse: {status: 204}}]
`;
  const folder = tempFolder({ 'rules.yaml': rules });
  t.teardown(() => folder.remove());
  const text = `
target: { config: [rules.yaml], servicePort: 80 }
load: { phases: [{ constant: 50, duration: 200ms }] }
requests: [{ host: web.test }]
`;
  const { scenario } = readScenario(
    { path: 'a.yaml', text },
    { folder: folder.path, short: false },
  );
  if (scenario === null) throw new Error('it can be read');
  const signal = new AbortController().signal;
  const seen = await runLoadtest({ scenario, seed: 1, signal, onBegin: () => undefined });
  if (!seen.ok) throw new Error(JSON.stringify(seen.error));
  t.strictSame(Object.keys(summarize(seen.value).requests[0]?.statuses ?? {}), ['204']);
});

t.test('a proxy that runs already gets the load, and is asked for its counters', async (t) => {
  let refused = 0;
  const proxy = await httpOrigin((request, response) => {
    if (request.url?.startsWith('/stats') !== true) return response.end('hello');
    refused += 10;
    const stats = [{ name: 'cluster.a.upstream_rq_retry_overflow', value: refused }];
    return response.end(JSON.stringify({ stats }));
  });
  t.teardown(() => proxy.stop());
  const address = `127.0.0.1:${proxy.port}`;
  const text = `
target: { address: "${address}", admin: "${address}" }
load:
  phases: [{ steps: [50, 100], duration: 300ms }, { closed: 2, duration: 1s }]
assertions:
  - { name: refused, counter: { name: upstream_rq_retry_overflow, atLeast: 10 } }
`;
  const { scenario } = readScenario({ path: 'a.yaml', text }, { folder: '/', short: false });
  if (scenario === null) throw new Error('it can be read');
  const signal = new AbortController().signal;
  const seen = await runLoadtest({ scenario, seed: 1, signal, onBegin: () => undefined });
  if (!seen.ok) throw new Error(JSON.stringify(seen.error));
  const { passed, requests, endpoints, counters, durationMs } = summarize(seen.value);
  t.ok(passed);
  t.equal(durationMs, 1600);
  t.ok((requests[0]?.requests ?? 0) > 100, 'with those of the closed loop');
  t.strictSame(Object.keys(requests[0]?.statuses ?? {}), ['200']);
  t.equal(requests[0]?.added, null, 'nobody says what it took');
  t.strictSame(endpoints, []);
  t.ok((counters.upstream_rq_retry_overflow ?? 0) >= 10);
});

t.test('a proxy that is killed ends the load, and the rest is still told', async (t) => {
  const rules = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec: {hosts: [web.test], http: [{directResponse: {status: 204}}]}
`;
  const folder = tempFolder({ 'rules.yaml': rules });
  t.teardown(() => folder.remove());
  const text = `
target: { config: [rules.yaml], servicePort: 80 }
load: { phases: [{ constant: 100, duration: 45s }, { closed: 2, duration: 45s }] }
requests: [{ host: web.test }]
assertions: [{ errors: { atMost: 100 } }]
`;
  const { scenario } = readScenario(
    { path: 'a.yaml', text },
    { folder: folder.path, short: false },
  );
  if (scenario === null) throw new Error('it can be read');
  const children: ChildProcess[] = [];
  const notice = (message: unknown): unknown =>
    children.push((message as { readonly process: ChildProcess }).process);
  subscribe('child_process', notice);
  t.teardown(() => unsubscribe('child_process', notice));
  const onBegin = ({ log }: LoadProgress): void => {
    const proxy = children.find(({ spawnargs }) => spawnargs.includes('run'));
    const look = setInterval(() => {
      if (log.length === 0 || log.status(0) === 0) return;
      proxy?.kill('SIGKILL');
      clearInterval(look);
    }, 10);
  };
  const signal = new AbortController().signal;
  const seen = await runLoadtest({ scenario, seed: 1, signal, onBegin });
  if (!seen.ok) throw new Error(JSON.stringify(seen.error));
  const { passed, assertions, requests, notes } = summarize(seen.value);
  t.equal(passed, false);
  t.match(assertions, [
    { kind: 'proxy', passed: false, found: /^killed by SIGKILL after [\d.]+ (ms|s)$/ },
    { kind: 'errors', passed: true },
  ]);
  t.ok((requests[0]?.statuses['204'] ?? 0) > 0, 'what was answered before');
  t.ok(notes.includes('last lines of the proxy: sluice: ready'), notes.join('; '));
});
