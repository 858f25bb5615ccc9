import * as fc from 'fast-check';
import t from 'tap';
import { RateLimitZone } from '../../../src/proxy/admission/rate-limit-zone.ts';

interface Setup {
  readonly perSecond?: number;
  readonly burst?: number;
  readonly clientsMax?: number;
}

/** A zone with one limit; answers are whether the request was let in. */
function limited({ perSecond = 5, burst = 0, clientsMax = 100 }: Setup = {}) {
  const zone = new RateLimitZone();
  const rate = { milliRequestsPerSecond: Math.floor(perSecond * 1000), burst };
  const forgotten: boolean[] = [];
  const ask = (client: string, now: number): boolean => {
    const isAdmitted = zone.admits(client, rate, now);
    if (isAdmitted) forgotten.push(zone.count(client, rate, { now, clientsMax }));
    return isAdmitted;
  };
  return { zone, ask, forgotten };
}

t.test('without a burst requests come as far apart as the rate says', async (t) => {
  const { ask } = limited({ perSecond: 5 });
  const cases = [
    [0, true],
    [0, false],
    [199, false],
    [200, true],
    [399, false],
    [400, true],
    [10_000, true],
    [10_000, false],
  ] as const;
  for (const [now, admitted] of cases) t.equal(ask('a', now), admitted, `at ${now} ms`);
});

t.test('a burst is let in at once, and fills again at the rate', async (t) => {
  const { ask } = limited({ perSecond: 2, burst: 3 });
  const at = (now: number, times: number) =>
    Array.from({ length: times }, () => ask('a', now)).filter(Boolean).length;
  t.equal(at(0, 10), 4, 'the first and three more');
  t.equal(at(499, 10), 0);
  t.equal(at(500, 10), 1);
  t.equal(at(1500, 10), 2);
  t.equal(at(60_000, 10), 4);
});

t.test('what was refused does not count', async (t) => {
  const { ask } = limited({ perSecond: 1 });
  t.ok(ask('a', 0));
  for (let now = 1; now < 1000; now++) ask('a', now);
  t.ok(ask('a', 1000));
});

t.test('rates below one a second: limit-rpm', async (t) => {
  // nginx divides without a remainder: 7r/m are 116 thousandths a second.
  const { ask } = limited({ perSecond: 7 / 60 });
  t.ok(ask('a', 0));
  t.notOk(ask('a', 8_620));
  t.ok(ask('a', 8_621));
});

t.test('each client has its own', async (t) => {
  const { ask } = limited();
  t.ok(ask('10.0.0.1', 0));
  t.ok(ask('10.0.0.2', 0));
  t.ok(ask('fd00::1', 0));
  t.notOk(ask('10.0.0.1', 0));
});

t.test('the client seen least recently makes room', async (t) => {
  const { zone, ask, forgotten } = limited({ perSecond: 1, burst: 5, clientsMax: 2 });
  ask('a', 0);
  ask('b', 0);
  ask('a', 1);
  ask('c', 2);
  t.equal(zone.size, 2);
  t.same(forgotten, [false, false, false, true]);
  // Had b been kept, one of six would be gone.
  const asked = Array.from({ length: 6 }, () => ask('b', 3));
  t.ok(asked.every(Boolean), 'b begins anew');
});

t.test('clients that have used up nothing are forgotten without a word', async (t) => {
  const { zone, ask, forgotten } = limited({ perSecond: 10, clientsMax: 1000 });
  for (let client = 0; client < 100; client++) ask(`client ${client}`, client);
  // All that came before 900 ms ago have run out; two of them go for each that comes.
  for (let client = 0; client < 60; client++) ask(`later ${client}`, 1000);
  t.equal(zone.size, 60);
  t.notOk(forgotten.includes(true));
});

/** nginx's own sums over every request that was let in, without forgetting anybody. */
function reference(milliRequestsPerSecond: number, burst: number) {
  const known = new Map<string, { excess: number; at: number }>();
  return (client: string, now: number): boolean => {
    const last = known.get(client);
    const runOut = Math.floor((milliRequestsPerSecond * (now - (last?.at ?? now))) / 1000);
    const excess = last === undefined ? 0 : Math.max(0, last.excess - runOut + 1000);
    if (excess > burst * 1000) return false;
    known.set(client, { excess, at: now });
    return true;
  };
}

t.test('forgetting those that used up nothing changes no answer', async (t) => {
  const asked = fc.array(
    fc.record({ client: fc.constantFrom('a', 'b', 'c', 'd'), after: fc.nat(700) }),
    { maxLength: 60 },
  );
  const property = fc.property(fc.nat(5000), fc.nat(3), asked, (rate, burst, requests) => {
    const { ask } = limited({ perSecond: (rate + 1) / 1000, burst });
    const expected = reference(Math.floor(((rate + 1) / 1000) * 1000), burst);
    let now = 0;
    return requests.every(({ client, after }) => {
      now += after;
      return ask(client, now) === expected(client, now);
    });
  });
  t.doesNotThrow(() => fc.assert(property, { seed: 1, numRuns: 300 }));
});

t.test('where fewer are to be remembered from now on, two go for each that comes', async (t) => {
  const zone = new RateLimitZone();
  const rate = { milliRequestsPerSecond: 1, burst: 5 };
  for (let i = 0; i < 10; i++) zone.count(`old-${i}`, rate, { now: 0, clientsMax: 10 });
  for (let i = 0; i < 7; i++) t.ok(zone.count(`new-${i}`, rate, { now: 0, clientsMax: 4 }));
  t.equal(zone.size, 4);
});
