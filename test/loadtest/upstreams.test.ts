import { request } from 'node:http';
import t, { type Test } from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import type { Failure, Latency, Upstream } from '../../src/loadtest/synthetic-upstream.ts';
import { FailureScript } from '../../src/loadtest/upstream/failure-script.ts';
import { Upstreams } from '../../src/loadtest/upstream/upstreams.ts';
import { eventually } from '../support/deadline.ts';

// Synthetic workloads do what their script says, and count what they are sent.

const hourMs = 3_600_000;

const atOnce: Latency = { kind: 'fixed', ms: 0 };

function failure(changes: Partial<Failure>): Failure {
  const rest = { endpoint: null, share: 1, status: null, latency: null, action: null };
  return { fromMs: 0, untilMs: null, ...rest, ...changes };
}

function workload(changes: Partial<Upstream> = {}): Upstream {
  const rest = { port: null, status: 200, bodyBytes: 2, errors: null, failures: [] };
  return { workload: 'shop', endpoints: 1, latency: atOnce, ...rest, ...changes };
}

async function start(t: Test, ...upstreams: readonly Upstream[]) {
  const started = await Upstreams.start({ upstreams, seed: 1 });
  if (!started.ok) throw new Error(started.error);
  t.teardown(() => started.value.stop());
  const [first = 0] = started.value.ports;
  return { upstreams: started.value, first, ports: started.value.ports };
}

interface Answer {
  /** 0: none. */
  readonly status: number;
  readonly endpoint: string;
  readonly body: string;
  readonly error: string;
}

function ask(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  lateMs = 20_000,
): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (error: string): void => resolve({ status: 0, endpoint: '', body: '', error });
    const sent = request({ host: '127.0.0.1', port, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        const endpoint = String(response.headers['x-loadtest-endpoint']);
        resolve({ status: response.statusCode ?? 0, endpoint, body, error: '' });
      });
    });
    sent.setTimeout(lateMs, () => sent.destroy(new Error('late')));
    sent.on('error', (error) => failed((error as { code?: string }).code ?? error.message));
    sent.end();
  });
}

t.test('endpoints answer with their index, status and body', async (t) => {
  const { ports } = await start(
    t,
    workload({ endpoints: 2 }),
    workload({ workload: 'teapot', status: 418, bodyBytes: 5 }),
  );
  t.match(await ask(ports[1] ?? 0), { status: 200, endpoint: '1', body: 'xx' });
  t.match(await ask(ports[2] ?? 0), { status: 418, endpoint: '2', body: 'xxxxx' });
});

for (const [action, error] of [
  ['hang', 'late'],
  ['reset', 'ECONNRESET'],
  ['down', 'ECONNREFUSED'],
] as const) {
  t.test(`${action} is ${error}, on the endpoint and at the time of the script`, async (t) => {
    const script = failure({ action, endpoint: 1, fromMs: 0, untilMs: hourMs });
    const { upstreams, ports } = await start(t, workload({ endpoints: 2, failures: [script] }));
    const [other = 0, broken = 0] = ports;
    t.equal((await ask(broken)).status, 200, 'the load has not begun');
    upstreams.begin(Date.now());
    await eventually('the failure', { within: 20_000 }, async () => {
      return (await ask(broken, {}, 300)).error === error;
    });
    t.equal((await ask(other)).status, 200);
    // Half a second before its end.
    upstreams.begin(Date.now() - hourMs + 500);
    await eventually('its end', { within: 20_000 }, async () => {
      return (await ask(broken, {}, 300)).status === 200;
    });
  });
}

t.test('a failure without an end lasts', async (t) => {
  const failures = [failure({ status: 503 })];
  const { upstreams, first } = await start(t, workload({ failures }));
  upstreams.begin(Date.now() - hourMs);
  const isFailing = async () => (await ask(first)).status === 503;
  await eventually('the failure', { within: 20_000 }, isFailing);
});

t.test('a port that is taken is said', async (t) => {
  const { first } = await start(t, workload());
  const second = await Upstreams.start({ upstreams: [workload({ port: first })], seed: 1 });
  t.match(second, { ok: false, error: /^the upstreams cannot start: .*EADDRINUSE/ });
});

t.test('requests, retries and copies are counted, those of the warm-up are not', async (t) => {
  const { upstreams, ports } = await start(t, workload(), workload({ workload: 'copy' }));
  const [first = 0, second = 0] = ports;
  upstreams.begin(Date.now());
  const direct = { 'x-forwarded-for': '1.1.1.1' };
  const mirrored = { 'x-forwarded-for': '1.1.1.1,2.2.2.2' };
  await ask(first, { ...direct, 'x-loadtest-warm-up': '1' });
  await ask(first, { ...direct, 'x-envoy-attempt-count': '1' });
  await ask(first, { ...direct, 'x-envoy-attempt-count': '2' });
  await ask(second, mirrored);
  await ask(second, { ...direct, host: 'shop-shadow:80' });
  const report = await upstreams.report();
  const sums = report?.endpoints.map(({ requests, retries, mirrored: copies }) =>
    [requests, retries, copies].map((slots) => slots.reduce((sum, count) => sum + count, 0)),
  );
  t.strictSame(sums, [
    [2, 1, 0],
    [0, 0, 2],
  ]);
  t.strictSame(report?.peaks, [1, 1]);
});

t.test('the last failure that holds decides, for its share of the requests', async (t) => {
  const failures = [
    failure({ status: 500, untilMs: 100 }),
    failure({ status: 503, share: 0.5, untilMs: 50 }),
    failure({ latency: { kind: 'fixed', ms: 9 }, fromMs: 200 }),
  ];
  const upstream = workload({ failures, errors: { share: 0.25, status: 501 } });
  const script = new FailureScript(upstream, 0, new SeededRandom(2));
  const shareOf = (status: number, nowMs: number): number => {
    const drawn = Array.from({ length: 4000 }, () => script.behavior(nowMs).status);
    return drawn.filter((each) => each === status).length / 4000;
  };
  for (const [status, nowMs, share] of [
    [503, 10, 0.5],
    [500, 10, 0.5],
    [500, 60, 1],
    [501, 150, 0.25],
    [200, 150, 0.75],
  ] as const) {
    const found = shareOf(status, nowMs);
    t.ok(Math.abs(found - share) < 0.04, `${status} at ${nowMs} ms: ${found}, not ${share}`);
  }
  t.equal(script.behavior(250).latency(new SeededRandom(1)), 9);
});
