import t from 'tap';
import type { LiveCluster } from '../../src/cluster/live-cluster.ts';
import { ClusterTicker } from '../../src/runtime/cluster-ticker.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

/** Of a cluster the ticker uses these alone. */
class FakeCluster {
  nextTickAt: number;
  readonly ticks: number[] = [];
  readonly #everyMs: number;

  constructor(firstAt: number, everyMs: number) {
    this.nextTickAt = firstAt;
    this.#everyMs = everyMs;
  }

  tick(now: number): void {
    this.ticks.push(now);
    this.nextTickAt = now + this.#everyMs;
  }
}

function setUp(...clusters: readonly FakeCluster[]) {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const all = [...clusters];
  const ticker = new ClusterTicker(clock, timers, () => all as unknown as LiveCluster[]);
  return { timers, ticker, all };
}

t.test('a cluster is called when it is due', async (t) => {
  const cluster = new FakeCluster(250, 400);
  const { timers, ticker } = setUp(cluster);
  ticker.start();
  timers.advance(1_100);
  t.same(cluster.ticks, [250, 650, 1_050]);
});

t.test('a cluster that is not due is left alone', async (t) => {
  const idle = new FakeCluster(Number.POSITIVE_INFINITY, 1);
  const { timers, ticker } = setUp(idle, new FakeCluster(100, 100));
  ticker.start();
  timers.advance(10_000);
  t.same(idle.ticks, []);
});

t.test('work that came up meanwhile is found within a second', async (t) => {
  const late = new FakeCluster(Number.POSITIVE_INFINITY, 10_000);
  const { timers, ticker } = setUp(late);
  ticker.start();
  timers.advance(1_500);
  late.nextTickAt = 1_600;
  timers.advance(500);
  t.equal(late.ticks.length, 1);
});

t.test('after a stop nothing is called, and no timer is left', async (t) => {
  const cluster = new FakeCluster(100, 100);
  const { timers, ticker } = setUp(cluster);
  ticker.start();
  timers.advance(150);
  ticker.stop();
  t.equal(timers.size, 0);
  timers.advance(1_000);
  t.same(cluster.ticks, [100]);
});
