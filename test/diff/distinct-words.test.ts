import t from 'tap';
import { byteSet } from '../../src/diff/byte-set.ts';
import { pathPattern, stringPattern } from '../../src/diff/condition-pattern.ts';
import { distinctWords } from '../../src/diff/distinct-words.ts';
import { anyText, literal, type Pattern, sequence } from '../../src/diff/pattern.ts';
import type { StringMatch } from '../../src/model/route-match.ts';
import { compileRegex } from '../../src/routing/regex.ts';
import { compileStringMatch } from '../../src/routing/string-match.ts';
import { pathMatch } from '../support/route-models.ts';

const letters = byteSet('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./ ');
const anything = { alphabet: letters, valid: anyText };

function patternOf(match: StringMatch): Pattern {
  const pattern = stringPattern(match);
  if (pattern === null) throw new Error(`${JSON.stringify(match)} is no pattern`);
  return pattern;
}

t.test('prefixes part at their ends and behind them', async (t) => {
  const patterns = [pathMatch('prefix', '/a'), pathMatch('path-separated-prefix', '/a')]
    .concat(pathMatch('exact', '/a'))
    .map((match) => pathPattern(match) as Pattern);
  const found = distinctWords(patterns, {
    alphabet: letters,
    valid: sequence(literal('/'), anyText),
  });
  t.same(
    found.classes.map(({ matches, words }) => [matches.join(), words[0]]),
    [
      ['', '/'],
      ['0,1,2', '/a'],
      ['0', '/ax'],
      ['0,1', '/a/'],
    ],
  );
  t.ok(found.complete);
});

t.test('case that does not count is told apart from case that does', async (t) => {
  const patterns = [pathMatch('exact', '/Ab', true), pathMatch('exact', '/ab')];
  const found = distinctWords(
    patterns.map((match) => pathPattern(match) as Pattern),
    anything,
  );
  const words = new Map(found.classes.map((one) => [one.matches.join(), one.words[0]]));
  t.equal(words.get('0,1'), '/ab');
  t.match(words.get('0'), /^\/(A[bB]|aB)$/);
});

const expressions = [
  ...['a', 'a|b', '(a|b)c', 'a*', 'a+b?', '[a-c]+', '[^a-c]', 'a.c', '.*', '.*foo.*', '(ab)+'],
  ...['(ab){2,3}', 'a{2}', 'a{2,}', '(?i)abc', '(?i:a)b', '(?P<n>a)b', '(?:a|)b', '^ab$', '^a|b$'],
  ...['\\d+', '\\w-\\W', '[\\d-]x', '[[:alpha:]]+', '[[:^digit:]]', '\\Qa.b\\E', 'a\\.b', '\\x41'],
  ...['v[0-9]+(\\.[0-9]+)*', '(a*)*b', '(a|aa)+$', '\\Aab\\z', '[]a]', '[a-]', 'a??b', '()'],
];

t.test('words are what RE2 says of them', async (t) => {
  for (const [index, value] of expressions.entries()) {
    const others = [expressions[(index + 7) % expressions.length] ?? '', '.*b'];
    const all = [value, ...others];
    const patterns = all.map((text) => patternOf({ kind: 'regex', value: text }));
    const engines = all.map(compileRegex);
    const { classes, complete } = distinctWords(patterns, anything);
    t.ok(complete, value);
    for (const { matches, words } of classes) {
      for (const word of words) {
        const expected = [...engines.keys()].filter((at) => engines[at]?.test(word));
        t.same(matches, expected, `${all.join('  ')} on "${word}"`);
      }
    }
  }
});

t.test('what looks around itself is not read', async (t) => {
  for (const value of ['a\\bc', 'a^b', 'a$b', '\\pL', '(', '[b-a]', 'a{2000}', '*a', '[[:foo:]]']) {
    t.equal(stringPattern({ kind: 'regex', value }), null, value);
  }
});

t.test('a thousand letters that may all be missing are quickly told apart', async (t) => {
  const start = process.cpuUsage();
  const found = distinctWords([patternOf({ kind: 'regex', value: '/(a?){1000}' })], anything);
  const { user } = process.cpuUsage(start);
  t.same(
    found.classes.map(({ words }) => words[0]),
    ['', '/'],
  );
  t.ok(found.complete);
  t.ok(user < 5_000_000, `${user / 1000} ms of CPU time`);
});

t.test('all kinds of string conditions', async (t) => {
  const matches: readonly StringMatch[] = [
    { kind: 'exact', value: 'ab' },
    { kind: 'prefix', value: 'a' },
    { kind: 'suffix', value: 'b' },
    { kind: 'present' },
  ];
  const found = distinctWords(matches.map(patternOf), anything);
  t.equal(found.classes.length, 5, 'ab, a…b, a…, …b, other');
  for (const { matches: holding, words } of found.classes) {
    for (const word of words) {
      t.same(
        holding,
        [...matches.keys()].filter((at) => compileStringMatch(matches[at] as StringMatch)(word)),
        word,
      );
    }
  }
});

t.test('what tells too much apart says that it is not complete', async (t) => {
  const patterns = Array.from({ length: 24 }, (_, index) =>
    patternOf({ kind: 'regex', value: `.*${String.fromCharCode(97 + index)}.{12}` }),
  );
  t.notOk(distinctWords(patterns, anything).complete);
});
