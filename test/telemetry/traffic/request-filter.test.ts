import fc from 'fast-check';
import t from 'tap';
import { compileRequestFilter } from '../../../src/telemetry/traffic/request-filter.ts';
import {
  filterAliases,
  filterFieldNames,
  findFilterField,
} from '../../../src/telemetry/traffic/request-filter-fields.ts';
import { RequestRecord } from '../../../src/telemetry/traffic/request-record.ts';
import { testRecord } from './request-record-fixture.ts';

function matches(filter: string, record: RequestRecord = testRecord()): boolean {
  const compiled = compileRequestFilter(filter);
  if (!compiled.ok) throw new Error(`${filter}: ${compiled.error.message}`);
  return compiled.value === null || compiled.value(record);
}

function refusal(filter: string): string {
  const compiled = compileRequestFilter(filter);
  return compiled.ok ? 'accepted' : `${compiled.error.position}: ${compiled.error.message}`;
}

t.test('comparisons hold as they read', (t) => {
  const rows: readonly (readonly [filter: string, holds: boolean])[] = [
    ['', true],
    ['status=503', true],
    ['status == 503', true],
    ['status!=503', false],
    ['status>=500 and route=~"reviews.*"', true],
    ['status>503 or status<503', false],
    ['status<=503', true],
    ['code=503', true],
    ['status=~"5.."', true],
    ['status!~5..', false],
    ['route=~reviews', false],
    ['route=~.*canary', true],
    ['route!~"reviews"', true],
    ['ROUTE = reviews-canary', true],
    ["path='/reviews/7?full=1'", true],
    ['duration>120ms', true],
    ['duration>0.2s', false],
    ['duration<1m30s', true],
    ['durationMs>=120.5', true],
    ['bytesSent>=2Ki', true],
    ['bytesSent<2k', false],
    ['flags=UF', true],
    ['flags!=UF', false],
    ['flags!=NR', true],
    ['flags=""', false],
    ['flags=~"U.*"', true],
    ['flags!~"U.*"', false],
    ['failedAttempts.outcome=connect-refused', true],
    ['failedAttempts.endpoint="127.0.0.1:9082"', true],
    ['destination.workload=reviews-v1', true],
    ['version=v1', true],
    ['source.workload=""', true],
    ['not source.workload=""', false],
    ['traceId=""', true],
    ['originalPath!=""', false],
    ['grpcStatus=0', false],
    ['grpcStatus!=0', true],
    ['grpcStatus>=0', false],
    ['grpcStatus=~".*"', false],
    ['grpcStatus!~"0"', true],
    ['timings.upstreamMs<1s', false],
    ['timings.requestMs=1ms', true],
  ];
  for (const [filter, holds] of rows) t.equal(matches(filter), holds, filter);
  t.end();
});

t.test('or binds less than and, and less than not', (t) => {
  t.equal(matches('status=200 and status=503 or method=GET'), true);
  t.equal(matches('method=GET or status=200 and status=503'), true);
  t.equal(matches('(method=GET or status=200) and status=200'), false);
  t.equal(matches('not status=200 and method=GET'), true);
  t.equal(matches('not (status=503 and method=GET)'), false);
  t.equal(matches('NOT NOT method=GET'), true);
  t.end();
});

t.test('a backslash keeps a quote, and all else of a regex', (t) => {
  t.equal(matches('route="a\\"b"', testRecord({ route: 'a"b' })), true);
  t.equal(matches("route='it\\'s'", testRecord({ route: "it's" })), true);
  t.equal(matches('cluster=~"outbound\\|9080\\|.*"'), true);
  t.end();
});

t.test('what is wrong is told with its place', (t) => {
  const rows: readonly (readonly [filter: string, refusal: string])[] = [
    ['status', '6: one of = != =~ !~ > >= < <= is expected after "status"'],
    ['status=', '7: a value is expected here'],
    ['=500', '0: a field is expected here, for example status'],
    ['status=500 route=x', '11: write "and" or "or" before this'],
    ['(status=500', '11: a ) is missing here'],
    ['status=500)', '10: this ) closes nothing'],
    ['status=500 and', '14: a field is expected here, for example status'],
    ['route="x', '6: the quote " has no end'],
    ['route>x', '0: "route" is text, which has no order: use = != =~ !~'],
    ['flags<x', '0: "flags" is text, which has no order: use = != =~ !~'],
    ['status>many', '7: "many" is no number: write 500'],
    ['duration>soon', '9: "soon" is no duration: write 250ms or 1.5s'],
    ['bytesSent>1lb', '10: "1lb" is no bytes: write 4096 or 64Ki'],
    ['status ! 5', '7: "!" means nothing here'],
    ['statsu=500', '0: there is no field "statsu"; did you mean status?'],
    ['method=GET and hots=a', '15: there is no field "hots"; did you mean host?'],
    ['cluser=a', '0: there is no field "cluser"; did you mean cluster?'],
    ['workloads=a', '0: there is no field "workloads"; did you mean workload?'],
  ];
  for (const [filter, expected] of rows) t.equal(refusal(filter), expected, filter);
  t.match(refusal('weather=500'), /^0: there is no field "weather"; there are id, .*requestId$/);
  t.match(refusal('route=~"("'), /^7: "\(" is no regular expression: /);
  t.match(refusal('('.repeat(70)), /^65: nested more than 64 deep$/);
  t.match(refusal('not '.repeat(70)), /nested more than 64 deep$/);
  t.equal(refusal('x'.repeat(5000)), '4096: a filter has at most 4096 characters');
  t.end();
});

t.test('every field of a record can be asked for', (t) => {
  const { properties } = RequestRecord;
  const inner = (name: string): readonly string[] => {
    const field = Reflect.get(properties, name) as Readonly<Record<string, unknown>>;
    const part = [field, field['items'], ...((field['anyOf'] as unknown[]) ?? [])]
      .map((schema) => (schema as { properties?: object } | undefined)?.properties)
      .find((found) => found !== undefined);
    return part === undefined ? [name] : Object.keys(part).map((key) => `${name}.${key}`);
  };
  t.same(filterFieldNames, Object.keys(properties).flatMap(inner));
  for (const [alias, name] of Object.entries(filterAliases)) {
    t.equal(findFilterField(alias), findFilterField(name), alias);
  }
  t.end();
});

/** A filter as a tree, with what it answers to the test record. */
interface Tree {
  readonly text: string;
  readonly holds: boolean;
}

const leaves: readonly Tree[] = [
  { text: 'status>=500', holds: true },
  { text: 'status < 500', holds: false },
  { text: 'route=~"reviews.*"', holds: true },
  { text: "method != 'GET'", holds: false },
  { text: 'duration>250ms', holds: false },
  { text: 'flags=UF', holds: true },
];

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom(...leaves),
    tie('tree').map(({ text, holds }) => ({ text: `not (${text})`, holds: !holds })),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => ({
      text: `(${a.text}) and (${b.text})`,
      holds: a.holds && b.holds,
    })),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => ({
      text: `(${a.text}) or (${b.text})`,
      holds: a.holds || b.holds,
    })),
  ),
}));

t.test('a filter answers as the tree that it was written from', (t) => {
  fc.assert(
    fc.property(tree, ({ text, holds }) => {
      // What the parser may refuse is only its size.
      if (text.length <= 4096) t.equal(matches(text), holds, text);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('no text makes it throw, and every refusal has a place in it', (t) => {
  const pieces = fc.constantFrom(
    ...['status', '=', '=~', '!~', '>', '!', '~', '(', ')', '"', "'", '\\', ' ', 'and', 'or'],
    ...['not', '500', '*', '[', 'flags', 'duration', '5m', '\n', '\u{1f600}', '\0'],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const compiled = compileRequestFilter(text);
      if (compiled.ok) {
        compiled.value?.(testRecord());
        return true;
      }
      const { position, message } = compiled.error;
      return position >= 0 && position <= text.length && message !== '';
    }),
    { numRuns: 2000 },
  );
  t.end();
});
