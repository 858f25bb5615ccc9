import fc from 'fast-check';
import t from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import type { HeaderMutation } from '../../src/model/header-mutation.ts';
import { CompiledHeaderMutation, compileHeaderMutation } from '../../src/proxy/header-mutation.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';

type Line = readonly [name: string, value: string];

const info = testStreamInfo();

function mutate(lines: readonly Line[], changes: Partial<HeaderMutation>): string[] {
  const headers = new HeaderList();
  for (const [name, value] of lines) headers.append(name, value);
  new CompiledHeaderMutation({ set: [], add: [], remove: [], ...changes }).apply(headers, info);
  return headers.flat;
}

t.test('set replaces every line of its name', async (t) => {
  const set = [{ name: 'a', value: 'new' }];
  t.same(
    mutate(
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      { set },
    ),
    ['b', '2', 'a', 'new'],
  );
});

t.test('add leaves the lines that are there', async (t) => {
  const add = [{ name: 'a', value: 'new' }];
  t.same(
    mutate(
      [
        ['a', '1'],
        ['b', '2'],
      ],
      { add },
    ),
    ['a', '1', 'b', '2', 'a', 'new'],
  );
});

t.test('remove takes every line of its name', async (t) => {
  t.same(
    mutate(
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      { remove: ['a', 'c'] },
    ),
    ['b', '2'],
  );
});

t.test('removals come before set, and set before add', async (t) => {
  const changes = {
    add: [{ name: 'a', value: 'added' }],
    set: [{ name: 'a', value: 'set' }],
    remove: ['a'],
  };
  t.same(mutate([['a', 'old']], changes), ['a', 'set', 'a', 'added']);
});

t.test('values are formatted', async (t) => {
  const set = [
    { name: 'x-authority', value: '%REQ(:AUTHORITY)%' },
    { name: 'x-percent', value: '100%%' },
    { name: 'x-status', value: 'was %RESPONSE_CODE%' },
  ];
  t.same(mutate([], { set }), [
    ...['x-authority', 'reviews:9080'],
    ...['x-percent', '100%'],
    ...['x-status', 'was 200'],
  ]);
});

t.test('a value that comes out empty changes nothing', async (t) => {
  const empty = [{ name: 'a', value: '' }];
  t.same(mutate([['a', '1']], { set: empty, add: empty }), ['a', '1']);
});

t.test('nothing to do compiles to nothing', async (t) => {
  t.equal(compileHeaderMutation(null), null);
  t.equal(compileHeaderMutation({ set: [], add: [], remove: [] }), null);
  t.ok(compileHeaderMutation({ set: [], add: [], remove: ['a'] }));
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '2', '3');
const headerValues = fc.array(fc.record({ name, value }), { maxLength: 4 });
const mutation = fc.record({ set: headerValues, add: headerValues, remove: fc.array(name) });
const block = fc.array(fc.tuple(name, value), { maxLength: 8 });

t.test('the outcome for each name follows from the rules alone', async () => {
  fc.assert(
    fc.property(block, mutation, (lines, changes) => {
      const after = new HeaderList();
      after.flat.push(...mutate(lines, changes));
      for (const key of ['a', 'b', 'c', 'd']) {
        const kept = changes.remove.some((n) => n === key) ? [] : lines.filter(([n]) => n === key);
        const last = changes.set.findLast((entry) => entry.name === key);
        const base = last === undefined ? kept.map(([, v]) => v) : [last.value];
        const added = changes.add.filter((entry) => entry.name === key).map((entry) => entry.value);
        const expected = [...base, ...added];
        const actual = after.getAll(key);
        if (actual.join() !== expected.join()) throw new Error(`${key}: ${actual} not ${expected}`);
      }
    }),
  );
});

t.test('without add a mutation is idempotent', async () => {
  fc.assert(
    fc.property(block, mutation, (lines, changes) => {
      const once = mutate(lines, { ...changes, add: [] });
      const pairs = Array.from(
        { length: once.length / 2 },
        (_, i): Line => [once[i * 2] as string, once[i * 2 + 1] as string],
      );
      const twice = mutate(pairs, { ...changes, add: [] });
      if (twice.join() !== once.join()) throw new Error(`${twice} not ${once}`);
    }),
  );
});

t.test('what is not ASCII goes out as the bytes of its UTF-8 form', async (t) => {
  const bytes = Buffer.from('Ŋ', 'utf8').toString('latin1');
  t.same(mutate([], { set: [{ name: 'a', value: 'Ŋ' }] }), ['a', bytes]);
  t.same(mutate([], { set: [{ name: 'a', value: 'Ŋ%PROTOCOL%' }] }), ['a', `${bytes}HTTP/1.1`]);
});

t.test(
  'what could end a line never becomes a rule, nor a header by way of an operator',
  async (t) => {
    const faulty = [
      { name: 'a', value: 'x\ny' },
      { name: 'a', value: '%x\ny' },
      { name: 'a b', value: 'x' },
    ];
    for (const entry of faulty) {
      t.throws(() => mutate([], { set: [entry] }), /assertion failed/, JSON.stringify(entry));
    }
    const headers = new HeaderList();
    const routed = testStreamInfo();
    routed.routeName = 'a\r\nx: y';
    const set = [{ name: 'a', value: '%ROUTE_NAME%' }];
    new CompiledHeaderMutation({ set, add: [], remove: [] }).apply(headers, routed);
    t.same(headers.flat, []);
  },
);

t.test('rules for fields of the framing do nothing', async (t) => {
  const entries = [{ name: 'content-length', value: '1' }];
  t.same(
    mutate([['connection', 'close']], { set: entries, add: entries, remove: ['connection'] }),
    [...['connection', 'close']],
  );
});
