import t from 'tap';
import { counterGrowth, ProxyCounters } from '../../src/loadtest/proxy-counters.ts';
import { eventually } from '../support/deadline.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { httpOrigin } from '../support/origin.ts';

const name = 'upstream_rq_retry_overflow';

t.test('counters of all clusters are added up, from the end of the warm-up on', async (t) => {
  let asked = '';
  let overflow = 5;
  const admin = await httpOrigin((request, response) => {
    asked = request.url ?? '';
    const stats = [
      { name: `cluster.a;.${name}`, value: overflow },
      { name: `cluster.b;.${name}`, value: 1 },
      { name: `cluster.b;.not_${name}`, value: 100 },
      { histograms: {} },
    ];
    response.end(JSON.stringify({ stats }));
  });
  t.teardown(() => admin.stop());
  const clock = new ManualClock(-1000);
  const timers = new ManualTimers(clock);
  const now = (): number => clock.now();
  const counters = new ProxyCounters({
    ...{ admin: `127.0.0.1:${admin.port}`, names: [name], timers, now },
  });
  counters.begin();
  timers.advance(999);
  t.equal(asked, '', 'not during the warm-up');
  timers.advance(1);
  await eventually('the first look', { within: 5000 }, async () => counters.samples.length === 1);
  t.match(
    decodeURIComponent(asked),
    /^\/stats\?format=json&filter=\(upstream_rq_retry_overflow\)\$$/,
  );
  overflow = 25;
  timers.advance(2000);
  await eventually('the second', { within: 5000 }, async () => counters.samples.length === 2);
  await counters.end();
  t.strictSame(
    counters.samples.map(({ atMs, values }) => [atMs, values.get(name)]),
    [
      [0, 6],
      [250, 26],
      [2000, 26],
    ],
  );
  t.equal(counterGrowth(counters.samples, name, { fromMs: 0, untilMs: Infinity }), 20);
  t.equal(counterGrowth(counters.samples, name, { fromMs: 300, untilMs: Infinity }), 0);
});

t.test('a proxy that says nothing has no counters', async (t) => {
  const admin = await httpOrigin((_request, response) => response.writeHead(500).end('no'));
  t.teardown(() => admin.stop());
  const timers = new ManualTimers(new ManualClock());
  const options = { admin: `127.0.0.1:${admin.port}`, names: [name], timers, now: () => 0 };
  const counters = new ProxyCounters(options);
  await counters.end();
  t.strictSame(counters.samples, []);
  t.equal(counterGrowth(counters.samples, name, { fromMs: 0, untilMs: Infinity }), null);
});

t.test('a name that matches no counter is found, with the nearest that there are', async (t) => {
  const known = ['upstream_rq_total', 'upstream_rq_retry', 'downstream_rq_total'];
  const admin = await httpOrigin((request, response) => {
    const filter = new URL(request.url ?? '', 'http://a').searchParams.get('filter') ?? '';
    const stats = known.map((tail) => ({ name: `cluster.a;.${tail}`, value: 1 }));
    const matching = stats.filter((stat) => new RegExp(filter).test(stat.name));
    response.end(JSON.stringify({ stats: matching }));
  });
  t.teardown(() => admin.stop());
  const names = ['upstrem_rq_totl', 'upstream_rq_total', 'upstream_rq_503', 'nothing_like_it'];
  const timers = new ManualTimers(new ManualClock());
  const options = { admin: `127.0.0.1:${admin.port}`, names, timers, now: () => 0 };
  const counters = new ProxyCounters(options);
  await counters.end();
  t.strictSame(
    [...counters.unknown],
    [
      ['upstrem_rq_totl', ['upstream_rq_total', 'upstream_rq_retry']],
      ['nothing_like_it', []],
    ],
    'one of a status comes with its first answer',
  );
});
