/** Which endpoints a real Envoy chose for hashed requests and their retries. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LiveEndpoint } from '../../src/cluster/live-endpoint.ts';
import type { LoadBalancerPolicy } from '../../src/model/cluster-policy.ts';
import { anyEndpoint, ClusterFixture, hash64 } from '../cluster/cluster-fixture.ts';
import { endpointModel } from '../support/cluster-models.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface Recording {
  readonly name: string;
  readonly config: string;
  readonly backends: readonly { readonly name: string }[];
  readonly requests: readonly {
    readonly headers?: Readonly<Record<string, string>>;
    readonly repeat?: number;
    readonly outcome: {
      readonly backend?: string;
      readonly attempt_backends?: readonly string[];
    };
  }[];
}

/** Recordings that hash one header, over endpoints on fixed ports. */
const recordedPolicies: Readonly<Record<string, LoadBalancerPolicy>> = {
  'lb-ring-hash-header-3': { policy: 'RING_HASH', minimumRingSize: 1024 },
  'lb-ring-hash-block-empty': { policy: 'RING_HASH', minimumRingSize: 1024 },
  'lb-maglev-header-3': { policy: 'MAGLEV', tableSize: 65_537 },
  'lb-maglev-header-5': { policy: 'MAGLEV', tableSize: 65_537 },
  'lb-hash-retry': { policy: 'RING_HASH', minimumRingSize: 1024 },
  'lb-hash-retry-ignore-previous': { policy: 'RING_HASH', minimumRingSize: 1024 },
};

const folder = dataSet('istio-envoy');
if (folder === null) {
  t.pass(missingData('istio-envoy'), { skip: missingData('istio-envoy') });
} else {
  const text = readFileSync(join(folder, 'load-balancing.json'), 'utf8');
  const { scenarios } = JSON.parse(text) as { readonly scenarios: readonly Recording[] };
  for (const [name, policy] of Object.entries(recordedPolicies)) {
    t.test(name, async (t) => {
      const recording = scenarios.find((scenario) => scenario.name === name);
      if (recording === undefined) t.fail('not among the recordings');
      else checkRecording(t, recording, policy);
    });
  }
}

function checkRecording(t: Test, recording: Recording, policy: LoadBalancerPolicy): void {
  const endpoints = recording.backends.map((_, index) => endpointModel(20_001 + index));
  const cluster = new ClusterFixture().create({ endpoints, loadBalancer: policy });
  const avoidsTried = recording.name.endsWith('ignore-previous');
  for (const { headers, repeat, outcome } of recording.requests) {
    const user = headers?.['x-user'];
    if (user === undefined || repeat !== undefined) continue;
    const expected = outcome.attempt_backends ?? [outcome.backend];
    const tried: LiveEndpoint[] = [];
    for (const backend of expected) {
      const hash = hash64.hash(user);
      const context = { ...anyEndpoint, hash, tried: avoidsTried ? tried : null };
      const chosen = cluster.chooseEndpoint(context);
      if (chosen !== null) tried.push(chosen);
      t.equal(`h-${(chosen?.port ?? 0) - 20_001}`, backend, `${user}, attempt ${tried.length}`);
    }
  }
}
