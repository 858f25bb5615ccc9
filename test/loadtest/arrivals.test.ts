import t from 'tap';
import type { Phase } from '../../src/loadtest/scenario.ts';
import type { Upstream } from '../../src/loadtest/synthetic-upstream.ts';
import { Upstreams } from '../../src/loadtest/upstream/upstreams.ts';
import { runOpenLoad } from './load-run.ts';

// What arrives at a service over time is the load that the scenario asks for.

const service: Upstream = {
  ...{ workload: 'shop', endpoints: 1, latency: { kind: 'fixed', ms: 0 }, port: null },
  ...{ status: 200, bodyBytes: 2, errors: null, failures: [] },
};

interface Arrivals {
  /** Requests that arrived in each tenth of a second. */
  readonly slots: readonly number[];
  /** How much later than due the latest one was answered, which is done at once. */
  readonly lateMs: number;
}

async function arrivals(phases: readonly Phase[]): Promise<Arrivals> {
  const started = await Upstreams.start({ upstreams: [service], seed: 1 });
  if (!started.ok) throw new Error(started.error);
  const { value: upstreams } = started;
  const [port = 0] = upstreams.ports;
  const onBegin = (zeroWallMs: number): void => upstreams.begin(zeroWallMs);
  const { log } = await runOpenLoad({ port, phases, onBegin, warmUpMs: 300 });
  const report = await upstreams.report();
  await upstreams.stop();
  let lateMs = 0;
  for (let index = 0; index < log.length; index++) lateMs = Math.max(lateMs, log.latencyMs(index));
  return { slots: report?.endpoints[0]?.requests ?? [], lateMs };
}

/** What leaves at the end of a part may arrive in the next one, so much later. */
const slotMs = 100;

/** Of a run in which the machine did not stand still for longer, or else of the last. */
async function arrivalsInTime(phases: readonly Phase[]): Promise<Arrivals> {
  let run = await arrivals(phases);
  for (let again = 0; again < 2 && run.lateMs > slotMs; again++) run = await arrivals(phases);
  return run;
}

/** The most that is due in a second. */
const highestRate = 300;

const open = (from: number, to: number, durationMs: number, poisson = false): Phase => ({
  ...{ kind: 'open', from, to, durationMs, poisson },
});
const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

t.test('steps, a ramp and random times arrive as they were asked for', async (t) => {
  const { slots, lateMs } = await arrivalsInTime([
    open(100, 100, 500),
    open(highestRate, highestRate, 500),
    open(highestRate, 0, 1000),
    open(200, 200, 2000, true),
  ]);
  // So many may have moved from one part into the next while nothing ran.
  const moved = (highestRate * Math.max(0, lateMs - slotMs)) / 1000;
  const near = (from: number, until: number, expected: number, by: number): void => {
    const found = sum(slots.slice(from, until));
    const says = `${found} arrived from ${from * 100} to ${until * 100} ms, of ${expected}`;
    t.ok(Math.abs(found - expected) <= by + moved, says);
  };
  near(0, 5, 50, 10);
  near(5, 10, 150, 30);
  near(10, 15, 112, 30);
  near(15, 20, 38, 20);
  // Five standard deviations.
  near(20, 40, 400, 100);
  const random = slots.slice(20, 40);
  const mean = sum(random) / random.length;
  const variance = sum(random.map((count) => (count - mean) ** 2)) / (random.length - 1);
  // Of an even rate it is nearly 0, of random times it is the mean.
  t.ok(variance > mean / 4, `variance ${variance.toFixed(1)} of counts with mean ${mean}`);
});
