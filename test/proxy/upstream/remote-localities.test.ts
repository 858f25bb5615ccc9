import t from 'tap';
import { endpointModel } from '../../support/cluster-models.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok, scriptedOrigin } from '../../support/scripted-origin.ts';

const unavailable = 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n';

t.test(
  'retries leave the locality of endpoints that failed, where the policy says so',
  async (t) => {
    const near = await scriptedOrigin(() => unavailable);
    const far = await scriptedOrigin(() => ok('far'));
    t.teardown(() => Promise.all([near.stop(), far.stop()]));
    const cluster = clusterOf('origin', [], {
      endpoints: [
        endpointModel(near.port, { priority: 0 }),
        endpointModel(far.port, { priority: 1 }),
      ],
    });
    for (const [frequency, status, attempts] of [
      [0, 503, 4],
      [1, 200, 2],
      [2, 200, 3],
    ] as const) {
      const policy = retryPolicy({ numRetries: 3, previousPrioritiesUpdateFrequency: frequency });
      const proxy = await ProxyHarness.start(
        t,
        meshOf({
          clusters: [cluster],
          routes: [route('all', {}, forwardTo('origin', { retryPolicy: policy }))],
        }),
      );
      t.equal((await proxy.send(getRequest('/', 'a'))).status, status);
      t.equal((await proxy.ending()).attempts, attempts);
    }
  },
);
