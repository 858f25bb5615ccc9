/**
 * More label sets than metrics may have: many services, behind many routes, that answer with many
 * statuses. Memory stays where it is after the first of each, and the series within their bound.
 * 200 routes x 50 statuses; 10,000 x 100 with SLUICE_FULL=1.
 */

import { Agent, get } from 'node:http';
import t from 'tap';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { httpOrigin } from '../support/origin.ts';

const isFull = process.env.SLUICE_FULL === '1';
const services = isFull ? 1000 : 100;
const routesPerService = isFull ? 10 : 2;
const statuses = isFull ? 100 : 50;
/** Times that every combination comes again. */
const passes = isFull ? 1 : 3;
const connections = 32;
/** The bound of src/telemetry/metrics/metrics.ts, and the one for what is over it. */
const seriesMax = 4096 + 1;
/**
 * A heap with thousands of routes has that much garbage between two looks. What each request kept
 * for itself would come to ten times as much.
 */
const growthLimit = (isFull ? 160 : 48) * 1024 * 1024;

t.setTimeout(isFull ? 3_600_000 : 120_000);

/** One service for each host, all of them one origin, and some routes to each. */
function documents(originPort: number): string {
  return Array.from({ length: services }, (_, service) => {
    const destination = `{host: s${service}.test, port: {number: 80}}`;
    const routes = Array.from(
      { length: routesPerService },
      (_, route) => `
    - match: [{uri: {prefix: /r${route}/}}]
      retries: {attempts: 0}
      route: [{destination: ${destination}}]`,
    );
    return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: s${service}}
spec:
  hosts: [s${service}.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${originPort}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: s${service}}
spec:
  hosts: [s${service}.test]
  gateways: [edge]
  http: ${routes.join('')}
`;
  }).join('---\n');
}

interface Combination {
  readonly host: string;
  readonly path: string;
  readonly status: number;
}

function* combinations(): Generator<Combination> {
  for (let status = 200; status < 200 + statuses; status++) {
    // Those have no body, and the connection is no longer what the client takes it for.
    if (status === 204 || status === 205) continue;
    for (let service = 0; service < services; service++) {
      for (let route = 0; route < routesPerService; route++) {
        yield { host: `s${service}.test`, path: `/r${route}/${status}`, status };
      }
    }
  }
}

/** Asks for everything once, and returns how many answers were not as they should be. */
async function askForAll(port: number, agent: Agent): Promise<number> {
  const left = combinations();
  let wrong = 0;
  const client = async (): Promise<void> => {
    for (const { host, path, status } of left) {
      if (
        (await statusOf({ host: '127.0.0.1', port, path, agent, headers: { host } })) !== status
      ) {
        wrong++;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return wrong;
}

function statusOf(options: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', reject);
  });
}

t.test('memory is flat with more label sets than there may be', async (t) => {
  const origin = await httpOrigin((request, response) => {
    response.writeHead(Number(request.url?.split('/').at(-1))).end('ok');
  });
  t.teardown(() => origin.stop());
  const edge = await startEdgeProxy({
    originPort: origin.port,
    documents: documents(origin.port),
    startupMs: 120_000,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  t.teardown(async () => {
    agent.destroy();
    await edge.stop();
  });

  t.equal(await askForAll(edge.port, agent), 0, 'every answer is the origin’s');
  const first = edge.proxy.residentBytes();
  for (let pass = 0; pass < passes; pass++) t.equal(await askForAll(edge.port, agent), 0);
  const grown = edge.proxy.residentBytes() - first;
  t.ok(grown < growthLimit, 'what came before costs nothing more', { first, grown });

  const { body } = await edge.proxy.admin('/stats/prometheus?filter=istio_requests_total');
  const series = body.split('\n').filter((line) => line.startsWith('istio_requests_total{'));
  t.ok(series.length <= seriesMax, 'series are bounded', { series: series.length });
  const overflow = series.find((line) => line.includes('response_code="overflow"')) ?? '';
  const counted = series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  t.equal(counted, [...combinations()].length * (passes + 1), 'and no request is forgotten');
  t.match(overflow, 'destination_service="overflow"', 'the rest is counted together');
});
