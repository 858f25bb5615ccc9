/** A heap that is a quarter full of what lives, and large pages: no request is turned away. */

import t from 'tap';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { statOf } from '../support/worker-proxy.ts';

t.setTimeout(60_000);

/** So that all of this lives in a quarter, and with what a page needs while it is made in two thirds. */
const heap = '--max-old-space-size=136';
const routes = 7500;
const scrapes = 10;
const requestsEach = 50;

function route(_: unknown, index: number): string {
  const match = `{uri: {exact: /${index}}, headers: {x-a: {exact: '${index}'}}}`;
  return `  - match: [${match}]\n    route: [{destination: {host: origin.test}}]`;
}

const http = `${Array.from({ length: routes }, route).join('\n')}
  - route: [{destination: {host: origin.test}}]`;

t.test('garbage turns no request away', async (t) => {
  const origin = await scriptedOrigin(() => ok('hello'));
  const edge = await startEdgeProxy({
    originPort: origin.port,
    http,
    env: { NODE_OPTIONS: heap },
  });
  t.teardown(async () => {
    await Promise.all([edge.stop(), origin.stop()]);
  });
  const statuses = new Set<number>();
  for (let scrape = 0; scrape < scrapes; scrape++) {
    const page = edge.proxy.admin(scrape % 2 === 0 ? '/stats/prometheus' : '/config_dump');
    for (let request = 0; request < requestsEach; request++) {
      statuses.add((await exchange(getRequest('/', 'a'), { port: edge.port })).status);
    }
    t.equal((await page).status, 200);
  }
  t.same([...statuses], [200]);
  const pressure = await statOf(edge, 'overload.envoy.resource_monitors.fixed_heap.pressure');
  t.ok(pressure > 15, `${pressure} % live`);
  t.notMatch(edge.proxy.stderr, /overload action begins/);
});
