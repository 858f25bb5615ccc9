import t from 'tap';
import { foundText, reportText } from '../../../../src/cli/loadtest/report/text.ts';
import { painter } from '../../../../src/cli/output/color.ts';
import { latencyOf, summaryOf } from './summary-of.ts';

t.test('tables, then what was expected and found, then how it ends', async (t) => {
  const text = reportText(summaryOf({ notes: ['a note'] }), painter(false));
  const [titles, row, ...rest] = text.split('\n');
  t.match(titles, /^REQUESTS +COUNT +P50 +P90 +P99 +P99\.9 +MAX +ADDED P50 +P99 +RESULTS$/);
  t.match(
    row,
    /^all +40 +10\.0ms +20\.0ms +30\.0ms +40\.0ms +50\.0ms +0\.5ms +1\.5ms +200:36 503:3 timeout:1$/,
  );
  t.equal(
    rest.join('\n'),
    `
ENDPOINT   ANSWERS   REQUESTS   RETRIES   MIRRORED   TOOK P50      P99
v1 2            39         41         2          0      9.5ms   28.5ms
v2 1             0          0         0          0          -        -

COUNTER OF THE PROXY         GREW BY
upstream_rq_retry_overflow        12

pass weights: v1 60 %
     found 61.5 % (8 of 13), interval 36.00 % to 82.00 %
FAIL sound: errors at most 1 %
     found 10 % (4 of 40)

requests left late by 0.1 ms (p50), 0.3 ms (p99), at most 0.5 ms
note: a note
1 passed, 1 failed (seed 7)
`,
  );
});

t.test('routes have a table where answers tell them', async (t) => {
  const route = { requests: 3, statuses: {}, failures: {}, latency: null, added: null };
  const text = reportText(summaryOf({ routes: [{ name: 'items', ...route }] }), painter(false));
  t.match(text, /^ROUTE +COUNT .*\nitems +3 +- .* +-$/m);
});

t.test('what is not there takes no lines', async (t) => {
  const nothing = { endpoints: [], counters: {}, assertions: [], passed: true };
  const precision = { driver: null, endpoints: latencyOf(1) };
  const text = reportText(summaryOf({ ...nothing, precision }), painter(false));
  t.notMatch(text, /ENDPOINT|COUNTER OF|requests left|note:/);
  t.match(text, /^endpoints answered late by 1\.0 ms \(p50\).*\n0 passed, 0 failed \(seed 7\)\n$/m);
});

t.test('names of rules cannot paint the terminal', async (t) => {
  const [first] = summaryOf().assertions;
  const assertions = first === undefined ? [] : [{ ...first, name: 'a\u001b[2Jb\nc' }];
  const text = reportText(summaryOf({ assertions }), painter(true));
  t.notOk(text.includes('\u001b[2J'));
  t.ok(text.includes('\u001b[32mpass\u001b[0m'));
});

t.test('an interval is told where there is one', async (t) => {
  const [share, errors] = summaryOf().assertions;
  t.equal(share && foundText(share), '61.5 % (8 of 13), interval 36.00 % to 82.00 %');
  t.equal(errors && foundText(errors), '10 % (4 of 40)');
});
