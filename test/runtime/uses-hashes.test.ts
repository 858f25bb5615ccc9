import t from 'tap';
import type { ForwardAction } from '../../src/model/route.ts';
import { usesHashes } from '../../src/runtime/uses-hashes.ts';
import { clusterModel } from '../support/cluster-models.ts';
import { listenerModel, meshOf } from '../support/mesh-models.ts';
import { forwardTo, route } from '../support/route-models.ts';
import { tcpChain } from '../support/tcp-models.ts';

function forwarding(changes: Partial<ForwardAction>) {
  return meshOf({ routes: [route('a', {}, forwardTo('origin', changes))] });
}

t.test('what chooses by a hash', async (t) => {
  const ringHash = { policy: 'RING_HASH', minimumRingSize: 1024 } as const;
  const maglev = { policy: 'MAGLEV', tableSize: 65_537 } as const;
  for (const loadBalancer of [ringHash, maglev]) {
    const mesh = meshOf({ clusters: [clusterModel({ loadBalancer })] });
    t.ok(usesHashes(mesh), loadBalancer.policy);
  }
  t.ok(usesHashes(forwarding({ stickyWeights: true })), 'sticky weights');
  t.ok(usesHashes(forwarding({ hashPolicies: [{ kind: 'source-ip' }] })));
  const filterChains = [tcpChain({}, { hashSourceIp: true })];
  t.ok(usesHashes(meshOf({ listeners: [listenerModel({ filterChains })] })), 'TCP');
});

t.test('what does not', async (t) => {
  t.notOk(usesHashes(meshOf({ clusters: [clusterModel()] })));
  t.notOk(usesHashes(meshOf({ listeners: [listenerModel({ filterChains: [tcpChain()] })] })));
  t.notOk(usesHashes(meshOf({ routes: [], listeners: [] })));
});
