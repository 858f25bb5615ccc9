import t from 'tap';
import type { LiveCluster } from '../../../src/cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../../src/cluster/live-endpoint.ts';
import { reportFailure } from '../../../src/proxy/router/outcome.ts';
import { ClusterFixture } from '../../cluster/cluster-fixture.ts';
import { outlierDetection } from '../../support/cluster-models.ts';

function clusterWithDetection(): readonly [LiveCluster, LiveEndpoint] {
  const cluster = new ClusterFixture().create({ outlierDetection: outlierDetection() });
  return [cluster, cluster.endpoints[0] as LiveEndpoint];
}

for (const [message, ejected] of [
  ['connect ECONNREFUSED 127.0.0.1:9080', true],
  ['connect EMFILE 127.0.0.1:9080 - Local (undefined:undefined)', false],
  ['connect ENFILE 127.0.0.1:9080', false],
] as const) {
  t.test(`"${message}" ${ejected ? 'is' : 'is not'} the fault of an endpoint`, async (t) => {
    const [cluster, endpoint] = clusterWithDetection();
    for (let i = 0; i < 10; i++) {
      reportFailure(cluster, endpoint, { code: 'connect-refused', message });
    }
    t.equal(endpoint.ejected, ejected);
  });
}
