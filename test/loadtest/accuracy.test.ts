import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { latencySampler } from '../../src/loadtest/latency-sampler.ts';
import type { Latency, Upstream } from '../../src/loadtest/synthetic-upstream.ts';
import { Upstreams } from '../../src/loadtest/upstream/upstreams.ts';
import { runClosedLoad, runOpenLoad } from './load-run.ts';

t.setTimeout(120_000);

const isFull = process.env.SLUICE_FULL === '1';

// What the driver measures is what is: within 5 % of latencies that are known, and with all of a
// stall.

const seed = 4;
const rate = 150;
const durationMs = 2000;
/** Connections are opened and code is compiled meanwhile. */
const warmUpMs = 400;
/** Of a machine that others use: a run that they disturb is no measurement. */
const maxRuns = 6;

function upstream(latency: Latency): Upstream {
  const rest = { port: null, status: 200, bodyBytes: 2, errors: null, failures: [] };
  return { workload: 'shop', endpoints: 1, latency, ...rest };
}

/** What the endpoint draws, in the order of its requests. */
function truth(latency: Latency, count: number): Float64Array {
  const sample = latencySampler(latency);
  const random = new SeededRandom(seed);
  for (let drawn = 0; drawn < (rate * warmUpMs) / 1000; drawn++) sample(random);
  return Float64Array.from({ length: count }, () => sample(random)).sort();
}

interface Run {
  /** Of the percentile that is farthest from the truth, as a share of it. */
  readonly deviation: number;
  /** The driver itself was late: others have this machine. */
  readonly wasDisturbed: boolean;
}

async function measure(latency: Latency): Promise<Run> {
  const started = await Upstreams.start({ upstreams: [upstream(latency)], seed });
  if (!started.ok) throw new Error(started.error);
  const [port = 0] = started.value.ports;
  const seen = await runOpenLoad({ port, rate, durationMs, warmUpMs });
  await started.value.stop();
  const drawn = truth(latency, seen.log.length);
  const deviation = (percentile: number): number => {
    const known = drawn[Math.ceil((drawn.length * percentile) / 100) - 1] ?? Number.NaN;
    return Math.abs(seen.percentileMs(percentile) - known) / known;
  };
  return {
    deviation: Math.max(deviation(50), deviation(90), deviation(99)),
    wasDisturbed: seen.latestMs > 10,
  };
}

const distributions: readonly Latency[] = [
  { kind: 'lognormal', medianMs: 100, p99Ms: 400 },
  ...(isFull ? [{ kind: 'normal', meanMs: 100, deviationMs: 10 } as const] : []),
];

for (const latency of distributions) {
  t.test(`percentiles of a ${latency.kind} service are within 5 % of the truth`, async (t) => {
    const runs: Run[] = [];
    const isClose = ({ deviation }: Run): boolean => deviation <= 0.05;
    while (runs.length < maxRuns && !runs.some(isClose)) runs.push(await measure(latency));
    const shown = runs.map(({ deviation }) => `${(100 * deviation).toFixed(1)} %`).join(', ');
    const says = `farthest from the truth, in each run: ${shown}`;
    if (!runs.some(isClose) && runs.every(({ wasDisturbed }) => wasDisturbed)) {
      t.pass(says, { skip: 'this machine is too busy to measure anything' });
    } else {
      t.ok(runs.some(isClose), says);
    }
  });
}

/** Answers at once, but for one second after the hundredth request, when it answers nothing. */
async function stallingServer(): Promise<{ port: number; close(): void }> {
  const held: ServerResponse[] = [];
  let requests = 0;
  let isStalled = false;
  const server = createServer((_request, response) => {
    requests++;
    if (requests === 100) {
      isStalled = true;
      setTimeout(() => {
        isStalled = false;
        for (const waiting of held) waiting.end();
      }, 1000);
    }
    if (isStalled) held.push(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close() };
}

t.test('a server that stops for a second shows in all that was due meanwhile', async (t) => {
  const server = await stallingServer();
  // Only ten can wait in the server: the others are not even sent, and count all the same.
  const seen = await runOpenLoad({
    port: server.port,
    rate: 100,
    durationMs: 3000,
    connections: 10,
  });
  server.close();
  t.equal(seen.log.length, 300);
  t.ok(seen.slowerThan(500) >= 45, `${seen.slowerThan(500)} waited half a second`);
  t.ok(seen.slowerThan(100) >= 85, `${seen.slowerThan(100)} waited a tenth`);
  t.ok(seen.percentileMs(99) > 950, `p99 is ${seen.percentileMs(99)}`);
});

t.test('a closed loop shows it in no more requests than it has connections', async (t) => {
  const server = await stallingServer();
  const seen = await runClosedLoad({ port: server.port, durationMs: 2000, connections: 4 });
  server.close();
  t.ok(seen.log.length > 150, `${seen.log.length} requests`);
  t.equal(seen.slowerThan(900), 4);
});
