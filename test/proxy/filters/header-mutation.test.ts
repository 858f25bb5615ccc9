import fc from 'fast-check';
import t from 'tap';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { HeaderMutation, HeaderValue } from '../../../src/model/header-mutation.ts';
import {
  CompiledHeaderMutation,
  compileHeaderMutation,
  type HeaderDirection,
} from '../../../src/proxy/filters/header-mutation.ts';
import { testStreamInfo } from '../../telemetry/stream-info-fixture.ts';

type Line = readonly [name: string, value: string];

function mutate(
  lines: readonly Line[],
  changes: Partial<HeaderMutation>,
  direction: HeaderDirection = 'request',
): string[] {
  const headers = new HeaderList();
  for (const [name, value] of lines) headers.append(name, value);
  const info = testStreamInfo();
  info.requestHeaders = lines.length === 0 ? info.requestHeaders : headers;
  const mutation = { set: [], add: [], remove: [], ...changes };
  new CompiledHeaderMutation(mutation, direction).apply(headers, info);
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

t.test(
  'add joins the line of a field that has one value, which differs by direction',
  async (t) => {
    const names = ['accept', 'vary', 'via', 'set-cookie'];
    const lines = names.map((name): Line => [name, name === 'via' ? '' : '1']);
    const add = names.map((name) => ({ name, value: 'new' }));
    t.same(mutate(lines, { add }, 'request'), [
      ...['accept', '1,new', 'vary', '1', 'via', 'new', 'set-cookie', '1'],
      ...['vary', 'new', 'set-cookie', 'new'],
    ]);
    t.same(mutate(lines, { add }, 'response'), [
      ...['accept', '1', 'vary', '1,new', 'via', 'new', 'set-cookie', '1'],
      ...['accept', 'new', 'set-cookie', 'new'],
    ]);
  },
);

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

t.test('values see the block without what is removed, and nothing that is set', async (t) => {
  const set = [
    { name: 'a', value: '1' },
    { name: 'b', value: '%REQ(A)%' },
    { name: 'd', value: '[%REQ(C)%]' },
  ];
  const add = [{ name: 'e', value: '%REQ(A)%' }];
  const lines: Line[] = [
    ['a', 'old'],
    ['c', 'gone'],
  ];
  t.same(mutate(lines, { remove: ['c'], set, add }), [
    ...['a', '1'],
    ...['b', 'old'],
    ...['d', '[]'],
    ...['e', 'old'],
  ]);
});

t.test('a value that comes out empty changes nothing', async (t) => {
  const empty = [{ name: 'a', value: '' }];
  t.same(mutate([['a', '1']], { set: empty, add: empty }), ['a', '1']);
});

t.test('nothing to do compiles to nothing', async (t) => {
  t.equal(compileHeaderMutation(null, 'request'), null);
  t.equal(compileHeaderMutation({ set: [], add: [], remove: [] }, 'request'), null);
  t.ok(compileHeaderMutation({ set: [], add: [], remove: ['a'] }, 'request'));
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '2', '3');
const template = fc.oneof(value, fc.constantFrom('%REQ(A)%', '%REQ(B)%', ''));
const headerValues = fc.array(fc.record({ name, value: template }), { maxLength: 4 });
const constants = fc.record({
  set: fc.array(fc.record({ name, value }), { maxLength: 4 }),
  add: fc.constant([]),
  remove: fc.array(name),
});
const mutation = fc.record({ set: headerValues, add: headerValues, remove: fc.array(name) });
const block = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8 });

/** What a block of lines is after a mutation, by the rules alone. */
function modelled(lines: readonly Line[], changes: HeaderMutation): Line[] {
  let block = lines.filter(([key]) => !changes.remove.includes(key));
  const rendered = ({ name: key, value: text }: HeaderValue): Line => {
    const asked = /^%REQ\((.)\)%$/.exec(text)?.[1]?.toLowerCase();
    const found = block.find(([other]) => other === asked)?.[1] ?? '';
    return [key, asked === undefined ? text : found];
  };
  const isFilled = ([, text]: Line): boolean => text !== '';
  const set = changes.set.map(rendered).filter(isFilled);
  const add = changes.add.map(rendered).filter(isFilled);
  for (const line of set) block = [...block.filter(([key]) => key !== line[0]), line];
  return [...block, ...add];
}

t.test('the outcome follows from the rules alone, in this order', async () => {
  fc.assert(
    fc.property(block, mutation, (lines, changes) => {
      const actual = mutate(lines, changes);
      const expected = modelled(lines, changes).flat();
      if (actual.join() !== expected.join()) throw new Error(`${actual} not ${expected}`);
    }),
    { numRuns: 1000 },
  );
});

t.test('constants that are set, and not added, may be set again', async () => {
  fc.assert(
    fc.property(block, constants, (lines, changes) => {
      const once = mutate(lines, changes);
      const pairs = Array.from(
        { length: once.length / 2 },
        (_, i): Line => [once[i * 2] as string, once[i * 2 + 1] as string],
      );
      const twice = mutate(pairs, changes);
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
    new CompiledHeaderMutation({ set, add: [], remove: [] }, 'request').apply(headers, routed);
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
