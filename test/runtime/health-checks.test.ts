/** Active health checks of a running proxy: real sockets, virtual time. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Cluster } from '../../src/model/cluster.ts';
import type { HttpHealthCheck } from '../../src/model/health-check.ts';
import { healthCheck } from '../cluster/health/health-fixture.ts';
import { clusterOf, meshOf } from '../support/mesh-models.ts';
import { refusingPort } from '../support/proxied-origin.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { getRequest } from '../support/raw-client.ts';

const check: HttpHealthCheck = {
  kind: 'http',
  codec: 'http1',
  path: '/healthz',
  host: null,
  method: 'GET',
  expectedStatuses: [{ start: 200, end: 201 }],
  retriableStatuses: [],
  headers: {},
};

/** Says its name to requests, and to checks how it is. */
class Service {
  status = 200;
  checks = 0;
  requests = 0;
  /** Further headers of answers to requests. */
  headers: Readonly<Record<string, string>> = {};
  readonly #name: string;
  readonly #server: Server;

  constructor(name: string) {
    this.#name = name;
    this.#server = createServer((request, response) => {
      if (request.url === '/healthz') {
        this.checks++;
        response.writeHead(this.status).end();
        return;
      }
      this.requests++;
      response.writeHead(200, this.headers).end(this.#name);
    });
  }

  async start(t: Test): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
}

function checked(ports: readonly number[], changes: Partial<Cluster> = {}): Cluster {
  return clusterOf('origin', ports, { healthCheck: healthCheck({ check }), ...changes });
}

async function bodies(proxy: ProxyHarness, count: number): Promise<string[]> {
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const response = await proxy.send(getRequest('/', 'a'));
    seen.add(response.status === 200 ? response.body.toString() : `${response.status}`);
  }
  return [...seen].sort();
}

/** Checks whose result the proxy knows: time must not pass before. */
function checksDone(proxy: ProxyHarness): number {
  const { healthCheckSuccess, healthCheckFailure } = proxy.cluster().stats;
  return healthCheckSuccess + healthCheckFailure;
}

const virtual = { manualTime: true } as const;

async function pair(t: Test, changes: Partial<Cluster> = {}) {
  const a = await new Service('a').start(t);
  const b = await new Service('b').start(t);
  const mesh = meshOf({ clusters: [checked([a.port, b.port], changes)] });
  const proxy = await ProxyHarness.start(t, mesh, virtual);
  return { a, b, proxy };
}

t.test('a configuration is served when each endpoint has been checked', async (t) => {
  const a = await new Service('a').start(t);
  const b = await new Service('b').start(t);
  b.status = 500;
  const mesh = meshOf({ clusters: [checked([a.port, b.port, await refusingPort()])] });
  const proxy = await ProxyHarness.start(t, mesh, virtual);
  t.same(await bodies(proxy, 6), ['a']);
  t.equal(b.requests, 0);
});

t.test('traffic avoids an endpoint that fails, and finds it again', async (t) => {
  const { a, proxy } = await pair(t);
  t.same(await bodies(proxy, 4), ['a', 'b']);
  a.status = 503;
  proxy.advance(10_000);
  await proxy.until('a failed check', () => checksDone(proxy) === 4);
  t.same(await bodies(proxy, 4), ['b']);
  a.status = 200;
  for (const checks of [6, 8]) {
    proxy.advance(10_000);
    await proxy.until('a check', () => checksDone(proxy) === checks);
  }
  t.same(await bodies(proxy, 4), ['a', 'b']);
});

t.test('without any healthy endpoint it is 503 UH, at once', async (t) => {
  const { a, b, proxy } = await pair(t);
  a.status = 500;
  b.status = 500;
  proxy.advance(10_000);
  await proxy.until('failed checks', () => proxy.cluster().membershipHealthy === 0);
  t.same(await bodies(proxy, 1), ['503']);
  const { flags, details } = await proxy.ending();
  t.equal(flags, 'UH');
  t.equal(details, 'no_healthy_upstream');
});

t.test('an endpoint may say so in an answer to a request', async (t) => {
  const { a, proxy } = await pair(t);
  a.headers = { 'x-envoy-immediate-health-check-fail': 'true' };
  await bodies(proxy, 2);
  t.ok(proxy.endpoint(0).unhealthy);
  t.same(await bodies(proxy, 4), ['b']);
  const unchecked = meshOf({ clusters: [checked([a.port], { healthCheck: null })] });
  const other = await ProxyHarness.start(t, unchecked, virtual);
  t.same(await bodies(other, 2), ['a'], 'only where it is checked');
});

t.test('a reload keeps what is known and checks new endpoints before they serve', async (t) => {
  const { a, b, proxy } = await pair(t);
  a.status = 500;
  proxy.advance(10_000);
  await proxy.until('a failed check', () => proxy.endpoint(0).unhealthy);
  const c = await new Service('c').start(t);
  const ports = [a.port, b.port, c.port];
  await proxy.runtime.apply(meshOf({ clusters: [checked(ports)] }));
  t.equal(a.checks, 2, 'the old ones are not checked again');
  t.equal(c.checks, 1);
  t.same(await bodies(proxy, 6), ['b', 'c']);
  await proxy.runtime.apply(meshOf({ clusters: [checked([c.port])] }));
  proxy.advance(10_000);
  await proxy.until('a check', () => c.checks === 2);
  t.equal(b.checks, 2, 'what left is not checked any more');
});

t.test(
  'endpoints of a new configuration that do not answer hold it up for a while only',
  async (t) => {
    const { a, proxy } = await pair(t);
    let asked = false;
    const silent = createServer(() => {
      asked = true;
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { port } = silent.address() as AddressInfo;
    const slow = healthCheck({ check, timeoutMs: 60_000 });
    const applied = proxy.runtime.apply(
      meshOf({ clusters: [checked([a.port, port], { healthCheck: slow })] }),
    );
    await proxy.until('the check of the new one', () => asked);
    t.equal(a.checks, 1, 'what is known is checked by the settings that hold');
    t.equal(proxy.runtime.snapshot.version, 1);
    proxy.advance(5_000);
    await applied;
    t.same(await bodies(proxy, 4), ['a']);
  },
);

t.test('checks end when the proxy does', async (t) => {
  const { a, proxy } = await pair(t);
  const down = proxy.runtime.shutDown(1);
  proxy.advance(10);
  await down;
  proxy.advance(60_000);
  await requestDirectly(a);
  t.equal(a.checks, 1);
});

/** A request past the proxy: what was sent before it has arrived. */
async function requestDirectly({ port }: Service): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
}
