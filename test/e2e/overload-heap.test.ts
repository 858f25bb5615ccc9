/** A small heap and an endpoint that never answers: the proxy turns requests away and lives. */

import { connect } from 'node:http2';
import t from 'tap';
import { pause } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { scriptedOrigin } from '../support/scripted-origin.ts';
import { statOf } from '../support/worker-proxy.ts';

t.setTimeout(120_000);

const clients = 150;
const requestsEach = 90;
const fieldBytes = 8_000;

const circuitBreaker = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: many}
spec:
  host: origin.test
  trafficPolicy:
    connectionPool:
      tcp: {maxConnections: 100000}
      http: {http1MaxPendingRequests: 100000, http2MaxRequests: 100000}
`;

const skip = process.env.SLUICE_FULL === '1' ? false : 'takes half a minute: SLUICE_FULL=1 runs it';

t.test('requests that would fill the heap are turned away', { skip }, async (t) => {
  const origin = await scriptedOrigin(() => null);
  const edge = await startEdgeProxy({
    originPort: origin.port,
    documents: circuitBreaker,
    env: { NODE_OPTIONS: '--max-old-space-size=64' },
  });
  t.teardown(async () => {
    await Promise.all([edge.stop(), origin.stop()]);
  });
  let shed = 0;
  for (let client = 0; client < clients; client++) {
    const session = connect(`http://127.0.0.1:${edge.port}`);
    t.teardown(() => session.destroy());
    // Connections end while keep-alive is off.
    session.on('error', () => undefined);
    for (let request = 0; request < requestsEach; request++) {
      const field = `${client} ${request} `.padEnd(fieldBytes, 'x');
      const stream = session.request({ ':path': '/', 'x-one': field, 'x-two': field });
      stream.on('response', ({ ':status': status }) => {
        if (status === 503) shed++;
      });
      stream.on('error', () => undefined);
    }
    // About what a busy gateway takes on.
    await pause(100);
  }
  t.ok(shed > 0, `${shed} of ${clients * requestsEach} were turned away`);
  const pressure = await statOf(edge, 'overload.envoy.resource_monitors.fixed_heap.pressure');
  t.ok(pressure > 70 && pressure < 100, `${pressure} % of the heap`);
  t.equal((await edge.proxy.admin('/ready')).status, 200);
});
