import fc from 'fast-check';
import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { readPlainYaml } from '../../../src/config/parse/plain-yaml.ts';
import { configCorpus } from '../../support/config-corpus.ts';
import { checkPlainYaml } from '../../support/plain-yaml-check.ts';
import { mutate } from '../../support/yaml-mutations.ts';

const runs = process.env.SLUICE_FULL === '1' ? 20_000 : 300;

const plain = `# comment
a: b   # comment
list:
- one
-   two # and a comment
- - nested
  - 1
- key: value
  other: -2.5
-
  late: true
  # comment at another column
empty:
nothing: null
'quoted': "it's: # all"
flow: {a: [1, "x", {}], b: null, c-d: some words }
 
text: http://a.example:80/#x
deep:
    # comment
    deeper:
          - []
`;

t.test('what is plain is read as the whole parser reads it', async (t) => {
  t.strictSame(checkPlainYaml(plain), { plain: 1, documents: 1 });
  const root = readPlainYaml(plain);
  t.match(root?.value, { empty: null, flow: { b: null, 'c-d': 'some words' } });
  for (const number of ['0', '-17', '1.50', '123456789012345']) {
    t.equal(checkPlainYaml(`a: ${number}`).plain, 1, number);
  }
});

t.test('what is not plain is left to the whole parser', async (t) => {
  const texts = [
    'a: |\n  text',
    'a: &x b',
    'a: *x',
    'a: !!str b',
    'a: b\n  c',
    'a: "b\n  c"',
    'a: "\\n"',
    "a: 'it''s'",
    'a: [1,\n  2]',
    'a: 0x10',
    'a: 007',
    'a: 1e3',
    'a: .inf',
    'a: ~',
    'a: b: c',
    'a: 1\na: 2',
    'a: {b: 1, b: 2}',
    'a:\n    b: 1\n  c: 2',
    '- a\nb: c',
    'a:\tb',
    'a: b\r\n',
    '<<: {a: b}',
    '__proto__: 1',
    'true: 1',
    '? a\n: b',
    'a',
    '',
    `${'- '.repeat(100)}a`,
    `a: ${'['.repeat(100)}${']'.repeat(100)}`,
  ];
  for (const text of texts) t.equal(readPlainYaml(text), null, JSON.stringify(text));
});

t.test('so it is with whatever becomes of configuration', async () => {
  const property = fc.property(fc.nat(configCorpus.length - 1), fc.nat(), (index, seed) => {
    checkPlainYaml(mutate(configCorpus[index] ?? '', new SeededRandom(seed)));
  });
  fc.assert(property, { numRuns: runs, endOnFailure: true });
});

t.test('and with lines put together from all that YAML gives a meaning', async (t) => {
  const indent = fc.constantFrom('', '', '  ', '  ', '    ', '   ', '      ');
  const dash = fc.constantFrom('', '', '', '- ', '- - ', '-   ', '-');
  const key = fc.constantFrom(
    ...['', 'a: ', 'b: ', 'c:', 'd: ', 'a/b-c.d:  ', '"q": ', "'q' : ", '? ', '1: ', 'null: '],
  );
  const value = fc.constantFrom(
    ...['', '', '', 'x', 'x y ', '1', '-1', '0.5', '.5', '0o7', 'null', 'Null', 'True', '~', '"x"'],
    ...[
      "'x'",
      '""',
      '"x',
      "'x''",
      '"\\x"',
      '[]',
      '{}',
      '[1, x]',
      '{a: 1, "b": [x]}',
      '{a: 1, a: 2}',
    ],
    ...['[1,]', '{a}', '{a: }', '[a: b]', '[[1], {}] ', '{a:b}', '{"a":b}', '[x y , z]', '[', '{'],
    ...[
      'x: y',
      'x:',
      'x:y',
      'x #',
      'x#',
      'x # y',
      '# x',
      '#x',
      '*x',
      '&x',
      '&x y',
      '|',
      '>-',
      '!t',
    ],
    ...[
      '%',
      '@',
      '`',
      '<<',
      '=',
      '-',
      '--',
      '-x',
      '?x',
      ':x',
      'é',
      'x\u00a0',
      '\u00a0x',
      '\\d',
      '\t',
    ],
  );
  const line = fc.tuple(indent, dash, key, value).map((parts) => parts.join(''));
  const text = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n'));
  let plain = 0;
  const property = fc.property(text, (one) => {
    plain += checkPlainYaml(one).plain;
  });
  fc.assert(property, { numRuns: runs * 20, endOnFailure: true });
  t.ok(plain > runs / 4, `${plain} of ${runs * 20} were plain`);
});
