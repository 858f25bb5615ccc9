/** Health of endpoints with two workers: what one finds out, or the primary, holds for both. */

import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import type { EdgeProxy } from '../support/edge-proxy.ts';
import { type HttpOrigin, httpOrigin } from '../support/origin.ts';
import { ask, connectMany, startWorkers, statOf } from '../support/worker-proxy.ts';

t.setTimeout(300_000);

const cluster = 'cluster.outbound|80||pair.test;.';

/** An endpoint that fails while it is told to; checks of health ask for /healthz. */
class Endpoint {
  asked = 0;
  checks = 0;
  isBroken = false;
  readonly #origin: HttpOrigin;

  private constructor(origin: HttpOrigin) {
    this.#origin = origin;
  }

  static async start(t: Test): Promise<Endpoint> {
    const origin = await httpOrigin((request, response) => {
      if (request.url === '/healthz') endpoint.checks++;
      else endpoint.asked++;
      response.writeHead(endpoint.isBroken ? 503 : 200).end();
    });
    const endpoint = new Endpoint(origin);
    t.teardown(() => origin.stop());
    return endpoint;
  }

  get port(): number {
    return this.#origin.port;
  }
}

interface Pair {
  readonly edge: EdgeProxy;
  readonly good: Endpoint;
  readonly bad: Endpoint;
}

async function startPair(t: Test, annotations: string, policy: string): Promise<Pair> {
  const good = await Endpoint.start(t);
  const bad = await Endpoint.start(t);
  const documents = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: pair, annotations: {${annotations}}}
spec:
  hosts: [pair.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
  - {address: 127.0.0.1, ports: {http: ${good.port}}}
  - {address: 127.0.0.1, ports: {http: ${bad.port}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: pair}
spec:
  host: pair.test
  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, ${policy}}
`;
  const http = `  - route: [{destination: {host: pair.test, port: {number: 80}}}]
    retries: {attempts: 0}`;
  const edge = await startWorkers({ originPort: good.port, http, documents });
  t.teardown(() => edge.stop());
  return { edge, good, bad };
}

async function flagsOf({ edge }: Pair, { port }: Endpoint): Promise<string> {
  const { body } = await edge.proxy.admin('/clusters');
  const prefix = `outbound|80||pair.test::127.0.0.1:${port}::health_flags::`;
  return (
    body
      .split('\n')
      .find((line) => line.startsWith(prefix))
      ?.slice(prefix.length) ?? ''
  );
}

t.test('an endpoint that one worker ejects is out for both, and comes back for both', async (t) => {
  const pair = await startPair(
    t,
    '',
    'outlierDetection: {consecutive5xxErrors: 2, interval: 1s, baseEjectionTime: 5s, maxEjectionPercent: 50}',
  );
  const { edge, bad } = pair;
  bad.isBroken = true;
  // A connection has one worker: the other has seen nothing of it.
  const [only] = await connectMany(edge.port, 1);
  if (only === undefined) throw new Error('there is no connection');
  for (let request = 0; request < 4; request++) await ask(only);
  t.equal(bad.asked, 2);
  await eventually('the primary knows', { within: 5_000, every: 10 }, async () => {
    return (await flagsOf(pair, bad)) === '/failed_outlier_check';
  });
  const many = await connectMany(edge.port);
  await Promise.all(many.map((connection) => ask(connection)));
  t.equal(bad.asked, 2, 'no worker asks it');
  t.equal(await statOf(edge, `${cluster}outlier_detection.ejections_active`), 1);
  t.equal(await statOf(edge, `${cluster}outlier_detection.ejections_enforced_total`), 1);
  t.equal(await statOf(edge, `${cluster}membership_healthy`), 1);

  bad.isBroken = false;
  await eventually('it is back', { within: 15_000 }, async () => {
    return (await flagsOf(pair, bad)) === 'healthy';
  });
  const statuses = await Promise.all(many.map((connection) => ask(connection)));
  t.same(new Set(statuses), new Set([200]));
  // Each worker takes turns for itself: half of what it gets is for this endpoint, within one.
  const again = bad.asked - 2;
  t.ok(Math.abs(again - many.length / 2) <= 1, 'both ask it again', { again });
  for (const connection of [only, ...many]) connection.destroy();
});

t.test('the primary alone checks endpoints, and both workers do as it finds', async (t) => {
  const check =
    '{httpHealthCheck: {path: /healthz}, interval: 200ms, noTrafficInterval: 200ms, unhealthyThreshold: 1}';
  const pair = await startPair(t, `sluice.dev/health-check: "${check}"`, '');
  const { edge, good, bad } = pair;
  const many = await connectMany(edge.port);
  await Promise.all(many.map((connection) => ask(connection)));
  t.ok(good.asked > 0 && bad.asked > 0, 'both are healthy at the start');

  bad.isBroken = true;
  await eventually('it is found', { within: 15_000 }, async () => {
    return (await flagsOf(pair, bad)) === '/failed_active_hc';
  });
  const before = bad.asked;
  const statuses = await Promise.all(many.map((connection) => ask(connection)));
  t.same(new Set(statuses), new Set([200]));
  t.equal(bad.asked, before, 'no worker asks it');
  const attempts = await statOf(edge, `${cluster}health_check.attempt`);
  const seen = good.checks + bad.checks;
  t.ok(Math.abs(seen - attempts) <= 4, 'an endpoint is checked once, not once a worker', {
    attempts,
    seen,
  });

  bad.isBroken = false;
  await eventually('it is well', { within: 15_000 }, async () => {
    return (await flagsOf(pair, bad)) === 'healthy';
  });
  await Promise.all(many.map((connection) => ask(connection)));
  t.ok(bad.asked > before, 'it is asked again');
  for (const connection of many) connection.destroy();
});
