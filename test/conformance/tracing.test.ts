/** Trace headers against the cases of the W3C, of openzipkin and of Envoy. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import { type B3Reading, readB3Multi, readB3Single } from '../../src/telemetry/tracing/b3.ts';
import { passTrace } from '../../src/telemetry/tracing/pass-trace.ts';
import { TraceRules } from '../../src/telemetry/tracing/trace-rules.ts';
import { tracingSettings } from '../support/mesh-models.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';

const rules = new TraceRules(tracingSettings({ collector: null }));
const folder = dataSet('tracing');
const skip = folder === null ? missingData('tracing') : false;

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(folder ?? '', file), 'utf8')) as T;
}

function headerList(lines: readonly (readonly [string, string])[]): HeaderList {
  const headers = new HeaderList();
  for (const [name, value] of lines) headers.append(name.toLowerCase(), value);
  return headers;
}

interface W3cTest {
  readonly test: string;
  readonly requests: readonly {
    readonly headers: readonly (readonly [string, string])[] | { readonly expr: string };
    readonly expect: readonly string[];
    readonly outcome?: 'continue trace' | 'restart trace';
  }[];
}

type Line = readonly [string, string];

/** Requests that are expressions of the harness' own language, as it works them out. */
function expressed({ test, requests }: W3cTest, index: number): readonly Line[] | null {
  const { headers } = requests[index] as W3cTest['requests'][number];
  if (Array.isArray(headers)) return headers as readonly Line[];
  const state = stateOf(test, index);
  if (state === null) return null;
  return [['traceparent', '00-12345678901234567890123456789012-1234567890123456-00'], ...state];
}

function stateOf(test: string, index: number): readonly Line[] | null {
  if (test === 'test_tracestate_all_allowed_characters') {
    return [['tracestate', `${index === 0 ? plainKey : vendorKey}=${anyValue}`]];
  }
  if (test !== 'test_tracestate_key_length_limit') return null;
  return [
    ['tracestate', 'foo=1'],
    ['tracestate', `${keysByLength[index]}=1`],
  ];
}

function characters(first: number, last: number): string {
  return String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

const plainKey = `${characters(0x61, 0x7a)}0123456789_-*/`;
const vendorKey = `${plainKey}@a-z0-9_-*/`;
const anyValue = characters(0x20, 0x2b) + characters(0x2d, 0x3c) + characters(0x3e, 0x7e);
const keysByLength = [
  'z'.repeat(256),
  'z'.repeat(257),
  `${'t'.repeat(241)}@${'v'.repeat(14)}`,
  `${'t'.repeat(242)}@v`,
  `t@${'v'.repeat(15)}`,
];

/** What the names in the harness' assertions stand for. */
function named(expectation: string, index: number): string {
  return expectation
    .replace(/\bkey_without_vendor\b/g, `'${plainKey}'`)
    .replace(/\bkey_with_vendor\b/g, `'${vendorKey}'`)
    .replace('(key,', `('${keysByLength[index]}',`)
    .replace('[key]', `['${keysByLength[index]}']`)
    .replace(', value)', `, '${anyValue}')`);
}

/** The harness' assertions on tracestate, as far as they are about members. */
function checkTraceState(state: string | undefined, expectation: string): string | null {
  const members = new Map(
    (state ?? '').split(',').map((member) => {
      const equals = member.indexOf('=');
      return [member.slice(0, equals), member.slice(equals + 1)] as const;
    }),
  );
  const equal = /^assertEqual\(tracestate\['(.*?)'\], '(.*)'\)$/.exec(expectation);
  if (equal !== null) {
    const [, key = '', value] = equal;
    return members.get(key) === value ? null : expectation;
  }
  const inside = /^assertIn\('(.*?)', tracestate\)$/.exec(expectation);
  if (inside !== null) return members.has(inside[1] as string) ? null : expectation;
  const missing = /^assertRaises\(KeyError, lambda: tracestate\['(.*?)'\]\)$/.exec(expectation);
  if (missing !== null) return members.has(missing[1] as string) ? expectation : null;
  return null;
}

t.test('W3C trace context', { skip }, (t) => {
  const { tests } = read<{ tests: readonly W3cTest[] }>('w3c-trace-context.json');
  let passed = 0;
  for (const each of tests) {
    const { test, requests } = each;
    requests.forEach((request, index) => {
      const lines = expressed(each, index);
      // Several requests at once are looked at below.
      if (lines === null) return;
      const headers = headerList(lines);
      const incoming = headers.getAll('traceparent').join();
      passTrace({ headers, info: { trace: null } }, rules, new SeededRandom(7));
      const parents = headers.getAll('traceparent');
      const outgoing = /^00-([0-9a-f]{32})-([0-9a-f]{16})-0([0-3])$/.exec(parents.join());
      const wrong: string[] = [];
      if (outgoing === null) wrong.push(`invalid traceparent ${parents.join()}`);
      const [, traceId = '', parentId = '', flags = ''] = outgoing ?? [];
      const continued = incoming.includes(traceId);
      if (request.outcome !== undefined && continued !== (request.outcome === 'continue trace')) {
        wrong.push(`expected: ${request.outcome}, sent ${parents.join()}`);
      }
      if (incoming.includes(parentId)) wrong.push('the span id is the old one');
      if (request.expect.some((text) => text.includes('random flag')) && !(Number(flags) & 2)) {
        wrong.push('the random flag is lost');
      }
      for (const expectation of request.expect) {
        const problem = checkTraceState(headers.get('tracestate'), named(expectation, index));
        if (problem !== null) wrong.push(`${problem}, sent ${headers.get('tracestate')}`);
      }
      if (wrong.length === 0) passed++;
      t.same(wrong, [], `${test} request ${index}`);
    });
  }
  t.ok(passed >= 77, `${passed} requests behave as the harness expects`);
  t.end();
});

t.test('W3C trace context of several requests at once', (t) => {
  const random = new SeededRandom(7);
  const pass = (lines: readonly Line[]): string[] => {
    const headers = headerList(lines);
    passTrace({ headers, info: { trace: null } }, rules, random);
    return (headers.get('traceparent') ?? '').split('-');
  };
  const traceId = '12345678901234567890123456789012';
  const valid: Line = ['traceparent', `00-${traceId}-1234567890123456-01`];
  const illegal: Line = ['traceparent', `00-${'0'.repeat(32)}-1234567890123456-01`];
  for (const lines of [[valid], [], [illegal]]) {
    const sent = [pass(lines), pass(lines), pass(lines)];
    t.equal(new Set(sent.map(([, , spanId]) => spanId)).size, 3, 'each has a span of its own');
    const traceIds = new Set(sent.map(([, id]) => id));
    t.same(traceIds.has(traceId), lines.includes(valid));
    t.notOk(traceIds.has('0'.repeat(32)));
  }
  t.end();
});

interface EnvoyCase {
  readonly test: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly context: 'extracted' | 'absent' | 'invalid';
  readonly spanId?: number;
  readonly parentId?: number;
  readonly traceId?: number;
  readonly traceIdHigh?: number;
  readonly sampled?: boolean | null;
}

/** A reading in the words of Envoy's cases. */
function describe(reading: B3Reading): Partial<EnvoyCase> {
  if (typeof reading === 'string') return { context: reading };
  const { traceId, spanId, parentSpanId, sampling } = reading;
  const sampled = sampling === 'defer' ? null : sampling !== 'deny';
  if (traceId === null) return { context: 'absent', sampled };
  const number = (hex: string | null): number => Number.parseInt(hex ?? '0', 16);
  const long = traceId.padStart(32, '0');
  return {
    context: 'extracted',
    sampled,
    traceId: number(long.slice(16)),
    traceIdHigh: number(long.slice(0, 16)),
    spanId: number(spanId),
    parentId: number(parentSpanId),
  };
}

t.test('B3 in one line as Envoy reads it', { skip }, (t) => {
  const { cases } = read<{ cases: readonly EnvoyCase[] }>('envoy-b3-extract.json');
  const single = cases.filter(({ headers }) => headers.some(([name]) => name === 'b3'));
  for (const { test, headers, context, ...expected } of single) {
    const seen = describe(readB3Single(headerList(headers)));
    const name = `${test}: ${headers.map((line) => line.join(': ')).join(', ')}`;
    t.equal(seen.context, context, name);
    if (context !== 'extracted') continue;
    for (const field of ['traceId', 'traceIdHigh', 'spanId', 'parentId', 'sampled'] as const) {
      if (expected[field] !== undefined) t.equal(seen[field], expected[field], `${name}: ${field}`);
    }
  }
  t.ok(single.length >= 27, `${single.length} cases`);
  t.end();
});

interface B3Rules {
  readonly equivalents: readonly {
    readonly multi: Readonly<Record<string, string>>;
    readonly single: string;
  }[];
  readonly singles: readonly {
    readonly b3: string;
    readonly sampling: string;
    readonly ids: boolean;
    readonly parent?: string;
  }[];
}

t.test('B3 as its own specification has it', { skip }, (t) => {
  const rules = read<B3Rules>('b3-spec.json');
  for (const { multi, single } of rules.equivalents) {
    const many = readB3Multi(headerList(Object.entries(multi)));
    t.same(many, readB3Single(headerList([['b3', single]])), 'both forms say the same');
  }
  for (const { b3, sampling, ids, parent } of rules.singles) {
    const reading = readB3Single(headerList([['b3', b3]]));
    if (typeof reading === 'string') {
      t.fail(`${b3} is ${reading}`);
      continue;
    }
    t.equal(reading.sampling, sampling, b3);
    t.equal(reading.traceId !== null, ids, b3);
    t.equal(reading.parentSpanId, parent ?? null, b3);
  }
  t.end();
});

t.test('W3C where Envoy falls back on it from B3', { skip }, (t) => {
  const { cases } = read<{ cases: readonly EnvoyCase[] }>('envoy-b3-extract.json');
  const w3c = cases.filter(({ headers }) => headers.some(([name]) => name === 'traceparent'));
  for (const { test, headers, context, sampled } of w3c) {
    // Here W3C is continued whatever the collector speaks.
    if (test === 'W3CFallbackDisabledByDefault') continue;
    const request = { headers: headerList(headers), info: testStreamInfo() };
    passTrace(request, rules, new SeededRandom(7));
    const isContinued = JSON.stringify(headers).includes(request.info.traceId ?? '?');
    t.equal(isContinued, context === 'extracted', test);
    const flags = Number(request.headers.get('traceparent')?.split('-')[3]);
    if (sampled != null) t.equal((flags & 1) !== 0, sampled, test);
  }
  t.ok(w3c.length >= 7, `${w3c.length} cases`);
  t.end();
});
