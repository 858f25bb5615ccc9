/** What the real command counts, changed by a Telemetry resource, and read by promtool. */

import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { httpOrigin } from '../support/origin.ts';

t.setTimeout(60_000);

const telemetry = `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh, namespace: istio-system}
spec:
  metrics:
    - providers: [{name: prometheus}]
      overrides:
        - match: {metric: REQUEST_COUNT}
          tagOverrides:
            request_host: {value: request.host}
            destination_app: {operation: REMOVE}
        - match: {metric: RESPONSE_SIZE}
          disabled: true
`;

async function start(t: Test) {
  const origin = await httpOrigin((_request, response) => void response.end('hello'));
  const edge = await startEdgeProxy({ originPort: origin.port, documents: telemetry });
  t.teardown(async () => {
    await edge.stop();
    await origin.stop();
  });
  for (let times = 0; times < 3; times++) {
    const response = await fetch(`http://127.0.0.1:${edge.port}/`);
    await response.text();
  }
  const scrape = async (accept: string): Promise<string> => {
    const url = `http://127.0.0.1:${edge.proxy.adminPort}/stats/prometheus`;
    return (await fetch(url, { headers: { accept } })).text();
  };
  const stats = async (query: string): Promise<string> =>
    (await edge.proxy.admin(`/stats?${query}`)).body;
  return { edge, scrape, stats };
}

/** Names are Istio's and Envoy's, whatever promtool thinks of them. */
const aboutNames = /should (?:not )?have "_total" suffix|use base unit|abbreviated units/;

t.test('labels follow a Telemetry resource, and promtool reads all that is counted', async (t) => {
  const { edge, scrape, stats } = await start(t);
  const text = await scrape('text/plain');
  const line = text.split('\n').find((each) => each.startsWith('istio_requests_total{'));
  t.match(line, `request_host="127.0.0.1:${edge.port}"`);
  t.notMatch(line, 'destination_app=');
  t.match(line, /\} 3$/);
  t.notMatch(text, 'istio_response_bytes');
  t.match(text, /^istio_request_bytes_count\{.*destination_app=/m);
  t.match(await scrape('application/openmetrics-text'), /\n# EOF\n$/);
  t.match(await stats('filter=cluster.*rq_200'), /\.upstream_rq_200: 3\n/);
  const times = await stats('usedonly&type=Histograms&filter=upstream_rq_time');
  t.match(times, /external\.upstream_rq_time: P0\(\S+,\S+\) .* P100\(\S+,\S+\)\n/);
  const run = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (run.error !== undefined) {
    t.comment(`skipped: promtool cannot be run (${run.error.message})`);
    return;
  }
  const said = `${run.stdout}${run.stderr}`.split('\n').filter((each) => each !== '');
  t.same(
    said.filter((each) => !aboutNames.test(each)),
    [],
  );
});
