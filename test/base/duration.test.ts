import t from 'tap';
import { parseDuration } from '../../src/base/duration.ts';

t.test('durations are read in milliseconds', async (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['10s', 10_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['1h30m', 5_400_000],
    ['1m', 60_000],
    ['0s', 0],
    ['0', 0],
    ['.5s', 500],
    ['1.s', 1000],
    ['-2s', -2000],
    ['+2s', 2000],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['2000000ns', 2],
  ];
  for (const [text, expected] of cases)
    t.ok(Math.abs((parseDuration(text) ?? NaN) - expected) < 1e-9, text);
});

t.test('everything else is no duration', async (t) => {
  for (const text of ['', '10', 's', '10 s', '10S', '1d', '1s2', 'ten', '--1s', '1e3s', ' 1s']) {
    t.equal(parseDuration(text), null, JSON.stringify(text));
  }
});
