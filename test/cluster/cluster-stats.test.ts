import t from 'tap';
import { ClusterStats } from '../../src/cluster/cluster-stats.ts';

t.test('responses are counted by class and by status', async (t) => {
  const stats = new ClusterStats();
  for (const status of [200, 200, 301, 404, 503, 101, 599]) stats.countResponse(status);
  t.match(stats, {
    upstreamRqCompleted: 7,
    upstreamRq1xx: 1,
    upstreamRq2xx: 2,
    upstreamRq3xx: 1,
    upstreamRq4xx: 1,
    upstreamRq5xx: 2,
  });
  t.same(stats.responsesByStatus(), [
    [101, 1],
    [200, 2],
    [301, 1],
    [404, 1],
    [503, 1],
    [599, 1],
  ]);
});

t.test('a status outside of 100 to 599 counts in its class only', async (t) => {
  const stats = new ClusterStats();
  stats.countResponse(999);
  stats.countResponse(0);
  t.equal(stats.upstreamRqCompleted, 2);
  t.same(stats.responsesByStatus(), []);
});

t.test('before any response nothing is listed', async (t) => {
  t.same(new ClusterStats().responsesByStatus(), []);
});
