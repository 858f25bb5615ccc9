import t from 'tap';
import { parseLocality, type RegistryEndpoint } from '../../../../src/config/registry/service.ts';
import type { LocalityLbSetting } from '../../../../src/config/schema/load-balancer.ts';
import { placeEndpoints } from '../../../../src/config/translate/clusters/locality.ts';

function endpoint(locality: string, labels = {}, weight = 1): RegistryEndpoint {
  const place = parseLocality(locality);
  return { address: locality, port: 80, weight, locality: place, labels, workload: null };
}

const near = [
  endpoint('r1/z1/s1'),
  endpoint('r1/z1/s2'),
  endpoint('r1/z2/s1'),
  endpoint('r2/z1/s1'),
  endpoint('r3/z1/s1'),
];

interface Options {
  readonly locality?: string;
  readonly labels?: Record<string, string>;
  readonly setting?: LocalityLbSetting;
  readonly canFailOver?: boolean;
}

function place(endpoints: readonly RegistryEndpoint[], options: Options = {}) {
  const { locality = 'r1/z1/s1', labels = {}, setting = null, canFailOver = true } = options;
  const proxy = {
    namespace: 'default',
    labels,
    locality: parseLocality(locality),
    workload: 'client',
  };
  return placeEndpoints(endpoints, { proxy, setting, canFailOver });
}

function priorities(endpoints: readonly RegistryEndpoint[], options?: Options): number[] {
  return place(endpoints, options).map(({ priority }) => priority);
}

t.test('nearer endpoints come first', async (t) => {
  t.strictSame(priorities(near), [0, 1, 2, 3, 3]);
  t.strictSame(priorities(near.slice(2)), [0, 1, 1], 'without gaps');
});

t.test('priorities are of no use without outlier detection, or without a place', async (t) => {
  t.strictSame(priorities(near, { canFailOver: false }), [0, 0, 0, 0, 0]);
  t.strictSame(priorities(near, { setting: { enabled: false } }), [0, 0, 0, 0, 0]);
  t.strictSame(priorities(near, { locality: '' }), [0, 0, 0, 0, 0]);
});

t.test('failover names the region that comes next', async (t) => {
  const setting = { failover: [{ from: 'r1', to: 'r3' }] };
  t.strictSame(priorities(near, { setting }), [0, 1, 2, 4, 3]);
});

t.test('failoverPriority counts labels from the first on', async (t) => {
  const endpoints = [
    endpoint('r1', { tier: 'b', net: 'x' }),
    endpoint('r1', { tier: 'a', net: 'y' }),
    endpoint('r2', { tier: 'a', net: 'x' }),
  ];
  const labels = { tier: 'a', net: 'x' };
  const order = ['tier', 'net', 'topology.kubernetes.io/region'];
  t.strictSame(priorities(endpoints, { labels, setting: { failoverPriority: order } }), [2, 1, 0]);
  const fixed = { failoverPriority: ['tier=b', 'net'] };
  t.strictSame(priorities(endpoints, { labels, setting: fixed }), [0, 1, 1]);
});

t.test('localities weigh as their endpoints do, where failover is asked for', async (t) => {
  const endpoints = [endpoint('r2/z1', {}, 2), endpoint('r2/z1', {}, 3), endpoint('r3/z1')];
  const weights = (setting: LocalityLbSetting) =>
    place(endpoints, { setting }).map(({ localityWeight }) => localityWeight);
  t.strictSame(weights({ failover: [{ from: 'r1', to: 'r2' }] }), [5, 5, 1]);
  t.strictSame(weights({}), [null, null, null]);
});

t.test('a distribution gives weights, and nothing to what it does not name', async (t) => {
  const endpoints = [
    endpoint('r1/z1/s1', {}, 1),
    endpoint('r1/z1/s2', {}, 3),
    endpoint('r1/z2/s1'),
    endpoint('r2/z1/s1'),
  ];
  const setting = {
    distribute: [
      { from: 'r2/*', to: { 'r2/*': 100 } },
      { from: 'r1/z1/*', to: { 'r1/z1/*': 80, 'r1/z2': 20 } },
    ],
  };
  const placed = place(endpoints, { setting, canFailOver: false });
  t.strictSame(
    placed.map(({ address, weight, localityWeight }) => [address, weight, localityWeight]),
    [
      ['r1/z1/s1', 1, 20],
      ['r1/z1/s2', 3, 60],
      ['r1/z2/s1', 1, 20],
    ],
  );
  t.equal(place(endpoints, { setting, locality: 'r9' }).length, 4, 'it is not for this client');
});

t.test('a client without a place is nearest to endpoints without one', async (t) => {
  const mixed = [endpoint('r1/z1/s1'), endpoint('')];
  t.strictSame(priorities(mixed, { locality: '' }), [1, 0]);
  const distribute = [{ from: '*', to: { 'r1/*': 100 } }];
  t.equal(place(mixed, { locality: '', setting: { distribute } }).length, 1);
});

t.test('failover tells apart what failoverPriority holds for equal', async (t) => {
  const endpoints = [
    endpoint('r2', { tier: 'a' }),
    endpoint('r1', { tier: 'b' }),
    endpoint('r3', { tier: 'a' }),
    endpoint('r1'),
  ];
  const setting = { failoverPriority: ['tier'], failover: [{ from: 'r1', to: 'r3' }] };
  t.strictSame(
    priorities(endpoints, { locality: 'r1', labels: { tier: 'a' }, setting }),
    [1, 2, 0, 2],
  );
});

t.test('a label that is missing on both sides is the same', async (t) => {
  const setting = { failoverPriority: ['net', 'tier='] };
  t.strictSame(priorities([endpoint('r1', { net: 'x' }), endpoint('r1')], { setting }), [1, 0]);
});
