import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Toxic, ToxicEffect } from '../../../src/model/toxic.ts';
import { ToxicFilter } from '../../../src/proxy/toxics/toxic-filter.ts';
import { headerMatch, routeRequest } from '../../support/route-models.ts';
import { toxicOf } from '../../support/toxic-models.ts';

const everything = routeRequest('/');

function draw(toxics: readonly Toxic[], request = everything) {
  return new ToxicFilter(toxics).draw(request, new SeededRandom(1));
}

const cut = (afterBytes: number): ToxicEffect => ({ kind: 'cut-body', afterBytes });
const reset = (afterBytes: number | null): ToxicEffect => ({
  kind: 'reset-connection',
  afterBytes,
});

t.test('all headers must hold', async (t) => {
  const toxic = toxicOf([cut(1)], {
    headers: [
      headerMatch('x-a', { kind: 'exact', value: '1' }),
      headerMatch('x-b', { kind: 'present' }),
    ],
  });
  const hit = (headers: [string, string][]) => draw([toxic], routeRequest('/', { headers }));
  t.equal(hit([]), null);
  t.equal(hit([['x-a', '1']]), null);
  t.equal(
    hit([
      ['x-a', '2'],
      ['x-b', ''],
    ]),
    null,
  );
  t.match(
    hit([
      ['x-a', '1'],
      ['x-b', ''],
    ]),
    { breakAfterBytes: 1 },
  );
});

t.test('a share of the requests is hit, each toxic by itself', async (t) => {
  const filter = new ToxicFilter([
    toxicOf([cut(1)], { percentage: 500_000 }),
    toxicOf([{ kind: 'bandwidth-limit', bytesPerSecond: 9 }], { percentage: 100_000 }),
  ]);
  const random = new SeededRandom(5);
  const counts = { cut: 0, slow: 0, both: 0, none: 0 };
  for (let i = 0; i < 10_000; i++) {
    const dose = filter.draw(everything, random);
    const isCut = dose?.breakAfterBytes === 1;
    const isSlow = dose?.downloadBytesPerSecond === 9;
    if (isCut) counts.cut++;
    if (isSlow) counts.slow++;
    if (isCut && isSlow) counts.both++;
    if (dose === null) counts.none++;
  }
  const near = (found: number, expected: number) => Math.abs(found - expected) < 200;
  t.ok(near(counts.cut, 5_000) && near(counts.slow, 1_000), JSON.stringify(counts));
  t.ok(near(counts.both, 500) && near(counts.none, 4_500), JSON.stringify(counts));
});

t.test('the effects of one toxic come together', async (t) => {
  const effects: ToxicEffect[] = [
    { kind: 'first-byte-latency', distribution: { kind: 'fixed', fixedMs: 5 } },
    { kind: 'slow-upload', bytesPerSecond: 7 },
    { kind: 'bandwidth-limit', bytesPerSecond: 9 },
  ];
  const filter = new ToxicFilter([toxicOf(effects, { percentage: 500_000 })]);
  const random = new SeededRandom(5);
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const dose = filter.draw(everything, random);
    seen.add(
      dose === null
        ? 'none'
        : `${dose.latencyMs} ${dose.uploadBytesPerSecond} ${dose.downloadBytesPerSecond}`,
    );
  }
  t.same([...seen].sort(), ['5 7 9', 'none']);
});

t.test('latencies add up; of rates and breaks the lowest counts', async (t) => {
  const latency = (fixedMs: number): ToxicEffect => ({
    kind: 'first-byte-latency',
    distribution: { kind: 'fixed', fixedMs },
  });
  t.match(draw([toxicOf([latency(30)]), toxicOf([latency(12)])]), { latencyMs: 42 });
  const rate = (bytesPerSecond: number): ToxicEffect => ({ kind: 'slow-upload', bytesPerSecond });
  t.match(draw([toxicOf([rate(5)]), toxicOf([rate(3)]), toxicOf([rate(4)])]), {
    uploadBytesPerSecond: 3,
  });
  const rows: readonly (readonly [ToxicEffect[], number, boolean])[] = [
    [[cut(5), cut(3)], 3, false],
    [[cut(5), reset(3)], 3, true],
    [[reset(5), cut(3)], 3, false],
    [[cut(3), reset(3)], 3, true],
    [[reset(3), cut(3)], 3, true],
    [[reset(null), cut(0)], -1, true],
  ];
  for (const [effects, breakAfterBytes, breaksByReset] of rows) {
    const toxics = effects.map((effect) => toxicOf([effect]));
    t.match(draw(toxics), { breakAfterBytes, breaksByReset }, JSON.stringify(effects));
  }
});
