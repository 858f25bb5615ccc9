import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import { applyTraceHeaders, continueOrStart } from '../../src/telemetry/trace-context.ts';

type Lines = Readonly<Record<string, string>>;

/** The headers as they go on. */
function pass(lines: Lines, random = new SeededRandom(1)): Lines {
  const headers = new HeaderList();
  for (const [name, value] of Object.entries(lines)) headers.append(name, value);
  applyTraceHeaders(headers, continueOrStart(headers, random));
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

t.test('one started trace in a hundred is sampled', (t) => {
  const always = { uint32: () => 5, fraction: () => 0.009 };
  const never = { uint32: () => 5, fraction: () => 0.011 };
  t.equal(pass({}, always as SeededRandom)['x-b3-sampled'], '1');
  t.equal(pass({}, never as SeededRandom)['x-b3-sampled'], '0');
  t.end();
});

t.test('W3C goes on as W3C alone, with the state', (t) => {
  const out = pass({ traceparent: `00-${trace}-${span}-01`, tracestate: 'a=1' });
  t.match(out, { traceparent: new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`), tracestate: 'a=1' });
  t.notMatch(out['traceparent'], span);
  t.equal(Object.keys(out).length, 2);
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
  { traceparent: `00-${trace}-${span}` },
  { traceparent: `00-${trace.toUpperCase()}-${span}-01` },
  { b3: `${trace}-${span}-x` },
  { b3: `${trace.slice(1)}-${span}-1` },
  { b3: `${'0'.repeat(32)}-${span}-1` },
  { 'x-b3-traceid': trace },
  { 'x-b3-traceid': trace, 'x-b3-spanid': `${span}0` },
  { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-sampled': 'maybe' },
  { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-parentspanid': 'zzz' },
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
