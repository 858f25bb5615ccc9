import t from 'tap';
import { PreviousPriorities } from '../../../src/cluster/load-balancing/previous-priorities.ts';
import { endpointModel } from '../../support/cluster-models.ts';
import { anyEndpoint, ClusterFixture, endpointAt } from '../cluster-fixture.ts';

/** Two endpoints in each of three priorities: ports 1, 2; 11, 12; 21, 22. */
function cluster() {
  const endpoints = [0, 10, 20].flatMap((base, priority) =>
    [1, 2].map((port) => endpointModel(base + port, { priority })),
  );
  return new ClusterFixture().create({ endpoints });
}

/** The priorities of `count` choices one after the other, each of which fails. */
function walk(frequency: number, count: number, ejected: readonly number[] = []): number[] {
  const live = cluster();
  for (const port of ejected) endpointAt(live, port).ejected = true;
  live.onHealthChanged();
  const previousPriorities = new PreviousPriorities(frequency);
  return Array.from({ length: count }, () => {
    const endpoint = live.chooseEndpoint({ ...anyEndpoint, previousPriorities });
    if (endpoint === null) throw new Error('none');
    previousPriorities.onAttempt(endpoint);
    return endpoint.model.priority;
  });
}

t.test('a priority is left after as many attempts as it is looked at', async (t) => {
  t.same(walk(1, 3), [0, 1, 2]);
  t.same(walk(2, 6), [0, 0, 1, 1, 2, 2]);
  t.same(walk(3, 6), [0, 0, 0, 1, 1, 1]);
});

t.test('when all have been tried it begins anew', async (t) => {
  t.same(walk(1, 6), [0, 1, 2, 0, 1, 2]);
  t.same(walk(2, 10), [0, 0, 1, 1, 2, 2, 0, 0, 1, 1]);
});

t.test('a priority without available endpoints is passed over', async (t) => {
  t.same(walk(2, 4, [11, 12]), [0, 0, 2, 2]);
});

t.test('without available endpoints anywhere nothing changes', async (t) => {
  const live = cluster();
  for (const endpoint of live.endpoints) endpoint.ejected = true;
  live.onHealthChanged();
  const previousPriorities = new PreviousPriorities(1);
  previousPriorities.onAttempt(endpointAt(live, 1));
  t.equal(live.chooseEndpoint({ ...anyEndpoint, previousPriorities }), null);
});

t.test('shares add up to 100, in order of priority', async (t) => {
  const rows: readonly (readonly [availability: number[], shares: number[]])[] = [
    [
      [100, 70, 50],
      [0, 70, 30],
    ],
    [
      [100, 100, 100],
      [0, 100, 0],
    ],
    [
      [100, 20, 13],
      [0, 61, 39],
    ],
    [
      [100, 0, 33],
      [0, 0, 100],
    ],
  ];
  for (const [availability, shares] of rows) {
    const first = endpointAt(cluster(), 1);
    const previous = new PreviousPriorities(1);
    previous.onAttempt(first);
    const states = availability.map((availabilityPercent, index) => ({
      availabilityPercent,
      has: () => index === 0,
    }));
    t.same(previous.sharesOf(states), shares, availability.join());
  }
});
