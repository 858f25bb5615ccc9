import t from 'tap';
import { type Random, SeededRandom } from '../../../src/base/random.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { Collector } from '../../../src/model/collector.ts';
import { passTrace, startTrace } from '../../../src/telemetry/tracing/pass-trace.ts';
import { TraceRules } from '../../../src/telemetry/tracing/trace-rules.ts';
import { tracingSettings } from '../../support/mesh-models.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

/** Of a proxy that reports to nobody. */
const passing = new TraceRules(tracingSettings({ collector: null, randomSamplingPercent: 1 }));

type Lines = Readonly<Record<string, string>>;

/** The headers as they go on. */
function pass(lines: Lines, rules = passing, random: Random = new SeededRandom(1)): Lines {
  const headers = new HeaderList();
  for (const [name, value] of Object.entries(lines)) headers.append(name, value);
  passTrace({ headers, info: { trace: null } }, rules, random);
  const out: Record<string, string> = {};
  for (let i = 0; i < headers.flat.length; i += 2) {
    out[headers.flat[i] as string] = headers.flat[i + 1] as string;
  }
  return out;
}

const trace = '80f198ee56343ba864fe8b2a57d3eff7';
const span = 'e457b5a2e4d86bd1';
const parent = '05e3ac9a4f6e3b90';

t.test('a request without a trace starts one, as W3C and as B3', (t) => {
  const out = pass({});
  t.same(Object.keys(out).sort(), ['traceparent', 'x-b3-sampled', 'x-b3-spanid', 'x-b3-traceid']);
  t.equal(out['traceparent'], `00-${out['x-b3-traceid']}-${out['x-b3-spanid']}-02`);
  t.equal(out['x-b3-traceid']?.length, 32);
  t.end();
});

/** Of a proxy that has seen no request, and samples none. */
function newRules(): TraceRules {
  return new TraceRules(tracingSettings({ collector: null, randomSamplingPercent: 0 }));
}

t.test('fields that are looked for and not there change nothing', (t) => {
  for (const percent of [0, 100]) {
    const [passed, started] = [passTrace, startTrace].map((follow) => {
      const rules = new TraceRules(
        tracingSettings({ collector: null, randomSamplingPercent: percent }),
      );
      const request = { headers: new HeaderList(), info: { trace: null } };
      follow(request, rules, new SeededRandom(1));
      return request;
    });
    t.ok((started?.headers.size ?? 0) > 0);
    t.strictSame(passed, started);
  }
  t.end();
});

t.test('no id that starts is all zero', (t) => {
  const zero: Random = { uint32: () => 0, fraction: () => 0.5 };
  const { traceparent } = pass({}, newRules(), zero);
  const one = `${'0'.repeat(15)}1`;
  t.equal(traceparent, `00-${one}9e9e3779${'0'.repeat(8)}-${one}-02`);
  t.end();
});

t.test('traces that start and are not recorded differ in a word, for a while', (t) => {
  const rules = newRules();
  const random = new SeededRandom(1);
  const ids = Array.from({ length: 3 * 4096 }, () => pass({}, rules, random)['x-b3-traceid'] ?? '');
  t.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
  t.equal(new Set(ids).size, ids.length);
  t.equal(new Set(ids.map((id) => id.slice(18))).size, ids.length, 'in what samplers look at');
  t.equal(new Set(ids.map((id) => id.slice(0, 16) + id.slice(24))).size, 3);
  t.end();
});

t.test('who samples by their ids gets the share that it asks for', (t) => {
  const { ids } = newRules();
  const random = new SeededRandom(1);
  const total = 1000;
  // The digits that samplers look at: level 2 of W3C, and most implementations of OpenTelemetry.
  for (const digits of [14, 16]) {
    const threshold = 0.1 * 16 ** digits;
    for (let rounds = 0; rounds < 20; rounds++) {
      let taken = 0;
      for (let i = 0; i < total; i++) {
        const [, id = ''] = ids.next(random).split('-');
        if (Number.parseInt(id.slice(-digits), 16) < threshold) taken++;
      }
      t.ok(Math.abs(taken / total - 0.1) < 0.005, `${taken} of ${total} by ${digits} digits`);
    }
  }
  t.end();
});

/** Draws this fraction whenever it is asked. */
function drawing(fraction: number): Random {
  return { uint32: () => 5, fraction: () => fraction };
}

t.test('of the traces that start here the configured share is sampled', (t) => {
  const sampled = (percent: number, fraction: number): string | undefined => {
    const rules = new TraceRules(
      tracingSettings({ collector: null, randomSamplingPercent: percent }),
    );
    return pass({}, rules, drawing(fraction))['x-b3-sampled'];
  };
  t.equal(sampled(1, 0.0099), '1');
  t.equal(sampled(1, 0.01), '0');
  t.equal(sampled(0.01, 0.000_099), '1');
  t.equal(sampled(0.01, 0.0001), '0');
  t.equal(sampled(99.99, 0.9999), '0');
  t.equal(sampled(0, 0), '0');
  t.equal(sampled(100, 0.999_999), '1');
  t.end();
});

t.test('a forced trace is sampled, but the decision of its caller stands', (t) => {
  const rules = new TraceRules(tracingSettings({ randomSamplingPercent: 0 }));
  for (const name of ['x-envoy-force-trace', 'x-client-trace-id']) {
    const forced = { [name]: 'yes' };
    t.match(pass(forced, rules)['traceparent'], /-03$/, name);
    const denied = { ...forced, traceparent: `00-${trace}-${span}-00` };
    t.match(pass(denied, rules)['traceparent'], /-00$/, `${name}, denied`);
    t.match(pass({ ...forced, b3: '0' }, rules)['b3'], /-0$/, `${name}, denied by B3`);
    t.match(pass({ ...forced, b3: `${trace}-${span}` }, rules)['b3'], /-1-/, `${name}, open`);
  }
  t.end();
});

t.test('who reports to Zipkin speaks B3, who reports over OTLP W3C, beside what came', (t) => {
  const rulesFor = (protocol: Collector['protocol']): TraceRules => {
    const collector = { protocol, url: 'http://127.0.0.1', headers: {}, timeoutMs: 1 };
    return new TraceRules(tracingSettings({ collector }));
  };
  const b3 = ['x-b3-sampled', 'x-b3-spanid', 'x-b3-traceid'];
  const names = (lines: Lines, protocol: Collector['protocol']): string[] =>
    Object.keys(pass(lines, rulesFor(protocol))).sort();
  const w3c = { traceparent: `00-${trace}-${span}-01` };
  t.same(names({}, 'zipkin'), b3);
  t.same(names(w3c, 'zipkin'), ['traceparent', 'x-b3-parentspanid', ...b3]);
  t.same(names({ b3: `${trace}-${span}-1` }, 'zipkin'), ['b3']);
  for (const protocol of ['otlp-http', 'otlp-grpc'] as const) {
    t.same(names({}, protocol), ['traceparent']);
    t.same(names({ b3: `${trace}-${span}-1` }, protocol), ['b3', 'traceparent']);
    t.same(names(w3c, protocol), ['traceparent']);
  }
  t.end();
});

t.test('who reports spans takes the decision that a caller left open', (t) => {
  const open = { 'x-b3-traceid': trace, 'x-b3-spanid': span };
  const rulesOf = (percent: number): TraceRules =>
    new TraceRules(tracingSettings({ randomSamplingPercent: percent }));
  t.equal(pass(open, rulesOf(100))['x-b3-sampled'], '1');
  t.equal(pass(open, rulesOf(0))['x-b3-sampled'], '0');
  t.end();
});

t.test('W3C goes on as W3C alone, with the state', (t) => {
  const out = pass({ traceparent: `00-${trace}-${span}-01`, tracestate: 'a=1' });
  t.match(out, { traceparent: new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`), tracestate: 'a=1' });
  t.notMatch(out['traceparent'], span);
  t.equal(Object.keys(out).length, 2);
  t.end();
});

t.test('flags of W3C go on as far as they are known', (t) => {
  const recording = new TraceRules(tracingSettings({ randomSamplingPercent: 0 }));
  for (const rules of [passing, recording]) {
    for (const [before, after] of [
      ...[
        ['00', '00'],
        ['01', '01'],
        ['02', '02'],
        ['03', '03'],
      ],
      ...[
        ['fe', '02'],
        ['fd', '01'],
        ['a8', '00'],
        ['0b', '03'],
      ],
    ] as const) {
      const out = pass({ traceparent: `00-${trace}-${span}-${before}` }, rules);
      t.match(out['traceparent'], new RegExp(`^00-${trace}-(?!${span})[0-9a-f]{16}-${after}$`));
      t.equal(Object.keys(out).length, 1);
    }
  }
  t.end();
});

t.test('a trace is returned where its spans are recorded, and its id is told in any case', (t) => {
  const recording = new TraceRules(tracingSettings({ randomSamplingPercent: 0 }));
  for (const [flags, rules, isRecorded] of [
    ['00', passing, false],
    ['01', passing, false],
    ['00', recording, false],
    ['01', recording, true],
  ] as const) {
    const headers = new HeaderList();
    headers.append('traceparent', `00-${trace}-${span}-${flags}`);
    const info = testStreamInfo();
    const context = passTrace({ headers, info }, rules, new SeededRandom(1));
    t.equal(info.traceId, trace);
    t.equal(context !== null, isRecorded);
    if (context !== null) t.match(context, { traceId: trace, parentSpanId: span });
  }
  t.end();
});

t.test('B3 in one line goes on in one line', (t) => {
  const out = pass({ b3: `${trace}-${span}-d-${parent}` });
  t.match(out['b3'], new RegExp(`^${trace}-[0-9a-f]{16}-d-${span}$`));
  t.equal(Object.keys(out).length, 1);
  t.match(pass({ b3: `${trace}-${span}` })['b3'], new RegExp(`^${trace}-[0-9a-f]{16}$`));
  t.end();
});

t.test('B3 in many lines goes on in many lines, with the caller as parent', (t) => {
  const out = pass({
    'x-b3-traceid': trace,
    'x-b3-spanid': span,
    'x-b3-parentspanid': parent,
    'x-b3-sampled': 'true',
  });
  t.match(out, { 'x-b3-traceid': trace, 'x-b3-parentspanid': span, 'x-b3-sampled': '1' });
  t.notMatch(out['x-b3-spanid'], span);
  t.equal(out['traceparent'], undefined);
  t.end();
});

t.test('a lone word that is no decision starts anew', (t) => {
  for (const word of ['constructor', '__proto__', 'valueOf', '2']) {
    t.match(pass({ b3: word })['b3'], /^[0-9a-f]{32}-[0-9a-f]{16}-[01]$/, word);
  }
  t.end();
});

t.test('debug goes on as the flag alone', (t) => {
  const out = pass({
    'x-b3-traceid': trace,
    'x-b3-spanid': span,
    'x-b3-sampled': '1',
    'x-b3-flags': '1',
  });
  t.equal(out['x-b3-flags'], '1');
  t.equal(out['x-b3-sampled'], undefined);
  t.end();
});

t.test('a deferred decision stays deferred', (t) => {
  const out = pass({ 'x-b3-traceid': trace, 'x-b3-spanid': span });
  t.equal(out['x-b3-sampled'], undefined);
  t.end();
});

t.test('short ids stay short in B3 and are filled up in W3C', (t) => {
  const out = pass({ b3: `${span}-${parent}-1`, traceparent: 'nonsense' });
  t.match(out['b3'], new RegExp(`^${span}-`));
  t.match(out['traceparent'], new RegExp(`^00-0{16}${span}-[0-9a-f]{16}-01$`));
  t.end();
});

t.test('B3 wins over W3C, and the state of another trace is dropped', (t) => {
  const other = `00-${'1'.repeat(32)}-${span}-01`;
  const out = pass({ b3: `${trace}-${span}-1`, traceparent: other, tracestate: 'a=1' });
  t.match(out['traceparent'], new RegExp(`^00-${trace}-`));
  t.equal(out['tracestate'], undefined);
  const same = pass({
    b3: `${trace}-${span}-1`,
    traceparent: `00-${trace}-${span}-01`,
    tracestate: 'a=1',
  });
  t.equal(same['tracestate'], 'a=1');
  t.end();
});

t.test('sampling alone decides for the trace that starts', (t) => {
  t.match(pass({ b3: '1' })['b3'], /^[0-9a-f]{32}-[0-9a-f]{16}-1$/);
  t.match(pass({ b3: '0' })['b3'], /-0$/);
  t.equal(pass({ 'x-b3-sampled': '1' })['x-b3-sampled'], '1');
  t.equal(pass({ 'x-b3-flags': '1' })['x-b3-flags'], '1');
  t.match(pass({ b3: 'd', traceparent: `00-${trace}-${span}-00` })['traceparent'], /-01$/);
  t.end();
});

const invalid: readonly Lines[] = [
  { traceparent: `00-${'0'.repeat(32)}-${span}-00` },
  { traceparent: `00-${trace}-${'0'.repeat(16)}-00` },
  { traceparent: `00-${trace}a${span}-00` },
  { traceparent: `00-${trace}-${span}-0g` },
  { traceparent: `ff-${trace}-${span}-00` },
  { traceparent: `00-${trace}-${span}` },
  { traceparent: `00-${trace.toUpperCase()}-${span}-01` },
  { b3: `${trace}-${span}-x` },
  { b3: `${trace.slice(1)}-${span}-1` },
  { b3: `${'0'.repeat(32)}-${span}-1` },
  { 'x-b3-traceid': trace },
  { 'x-b3-traceid': trace, 'x-b3-spanid': `${span}0` },
  { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-sampled': 'maybe' },
  { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-parentspanid': 'zzz' },
  // What every object has is no decision.
  { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-sampled': 'constructor' },
  { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-sampled': '__proto__' },
];

for (const lines of invalid) {
  t.test(`${JSON.stringify(lines)} starts anew in the same form`, (t) => {
    const out = pass(lines);
    t.notMatch(JSON.stringify(out), trace);
    t.notMatch(JSON.stringify(out), trace.toUpperCase());
    for (const name of Object.keys(lines)) {
      if (name !== 'x-b3-parentspanid') t.ok(out[name], `${name} goes out`);
    }
    t.end();
  });
}
