import fc from 'fast-check';
import { RE2JS } from 're2js';
import t from 'tap';
import { compileRegex } from '../../src/routing/regex.ts';
import { longestHarmlessText } from '../../src/routing/regex-cost.ts';
import { parsePlainRegex } from '../../src/routing/regex-syntax.ts';
import { CountingBacktracker } from './regex-backtracker.ts';

function matches(pattern: string, text: string): boolean | null {
  return compileRegex(pattern)?.test(text) ?? null;
}

function harmlessLength(pattern: string): number {
  const branches = parsePlainRegex(pattern);
  return branches === null ? 0 : longestHarmlessText(pattern, branches);
}

t.test('the whole text must match', async (t) => {
  t.equal(matches('/a|/b.*', '/a'), true);
  t.equal(matches('/a|/b.*', '/ab'), false);
  t.equal(matches('/a|/b.*', '/b/c'), true);
  t.equal(matches('b', 'abc'), false);
  t.equal(matches('^/c$', '/c'), true);
  t.equal(matches('', ''), true);
  t.equal(matches('', 'x'), false);
});

t.test('RE2 syntax is understood', async (t) => {
  t.equal(matches('(?i)/MiXed-[a-z]', '/mIXeD-Q'), true);
  t.equal(matches('(?i)[^a]', 'A'), false);
  t.equal(matches('[[:alpha:]]+', 'abc'), true);
  t.equal(matches('(?P<year>\\d{4})-\\d{2}', '2026-03'), true);
  t.equal(matches('(ab)+', 'ababab'), true);
  t.equal(matches('[^/]+\\.(css|js)', 'site.css'), true);
  t.equal(matches('a{2,3}', 'aaaa'), false);
  t.equal(matches('\\x41', 'A'), true);
  t.equal(matches('a\\.b', 'axb'), false);
  t.equal(matches('[a-]', '-'), true);
  t.equal(matches('\\s\\v', '\v\v'), false);
});

t.test('what RE2 does not have is refused', async (t) => {
  for (const pattern of [
    '*',
    'a**',
    '(',
    '[',
    'a{1001}',
    '(a)\\1',
    '(?=a)',
    '(?<=a)b',
    '\\',
    'a\\',
  ]) {
    t.equal(compileRegex(pattern), null, pattern);
  }
});

t.test('bytes are characters of their own, as in Envoy', async (t) => {
  t.equal(matches('.', '\xe9'), true);
  t.equal(matches('.', '\xc3\xa9'), false, 'a character of UTF-8 is two');
  t.equal(matches('..', '\xc3\xa9'), true);
  t.equal(matches('caf\u00e9', 'caf\xc3\xa9'), true, 'a pattern is taken as UTF-8 bytes');
  t.equal(matches('caf\u00e9', 'caf\xe9'), false);
  t.equal(matches('\\x{e9}', '\xe9'), true);
  t.equal(matches('.*', '\xff'), true);
  t.equal(matches('[^a]', '\xc3'), true);
  t.equal(matches('\\pL', '\xe4'), true);
});

t.test('a dot does not match a line break', async (t) => {
  t.equal(matches('a.c', 'a\nc'), false);
  t.equal(matches('a.c', 'a\rc'), true);
});

t.test('the literal beginning of a pattern is known', async (t) => {
  const prefix = (pattern: string) => compileRegex(pattern)?.literalPrefix;
  t.equal(prefix('/api/v[0-9]+/.*'), '/api/v');
  t.equal(prefix('^/shop\\.x$'), '/shop.x');
  t.equal(prefix('/ab*'), '/a');
  t.equal(prefix('/a|/b'), '');
  t.equal(prefix('(?i)/Shop'), '/');
  t.equal(prefix('.*'), '');
});

t.test('usual patterns are proven harmless for every header', async (t) => {
  for (const pattern of [
    '.*',
    '/products/[0-9]+/reviews(/.*)?',
    '^(.*?;)?(\\s*user=jason)(;.*)?$',
    '.*(Chrome|Firefox)/[0-9]+.*',
    '[^/]+/[^/]+/x',
    '^.*\\.(css|js|png)$',
  ]) {
    t.ok(harmlessLength(pattern) >= 8192, pattern);
  }
});

t.test('patterns that can be made slow get short texts or none', async (t) => {
  for (const pattern of ['.*a.*b.*c', 'a*a*a*b', '.*a+x']) {
    t.ok(harmlessLength(pattern) <= 256, pattern);
  }
  for (const pattern of ['(a*)*', '(a|aa)+', '(a?){30}b']) t.equal(harmlessLength(pattern), 0);
  const forks = '(a|a)'.repeat(7);
  t.equal(harmlessLength(forks), 0);
});

t.test('evil patterns take no longer on long texts', async (t) => {
  const start = performance.now();
  t.equal(matches('(a*)*b', 'a'.repeat(50_000)), false);
  t.equal(matches('.*a.*a.*a.*x', 'a'.repeat(50_000)), false);
  t.ok(performance.now() - start < 2000);
});

const atoms = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', ';');
const repeats = fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '{2}', '{1,3}', '{2,}');
const piece = fc.tuple(atoms, repeats).map(([atom, repeat]) => atom + repeat);
const sequence = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(''));
const group = fc
  .tuple(sequence, sequence, fc.constantFrom('', '?', '??'))
  .map(([first, second, optional]) => `(${first}|${second})${optional}`);
const patterns = fc
  .array(fc.oneof(sequence, group), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));
const texts = fc.string({ unit: fc.constantFrom('a', 'b', ';', '1'), maxLength: 12 });

t.test('V8 answers like RE2', async () => {
  const property = fc.property(patterns, texts, (pattern, text) => {
    return matches(pattern, text) === RE2JS.compile(pattern).testExact(text);
  });
  fc.assert(property, { numRuns: 5000 });
});

t.test('backtracking stays within the promised steps', async (t) => {
  const longTexts = fc
    .tuple(texts, fc.integer({ min: 1, max: 60 }), texts)
    .map(([middle, count, end]) => (middle.repeat(count) + end).slice(0, 256));
  const property = fc.property(patterns, longTexts, (pattern, text) => {
    const branches = parsePlainRegex(pattern);
    if (branches === null) return false;
    const limit = longestHarmlessText(pattern, branches);
    const engine = new CountingBacktracker(branches);
    engine.test(text.slice(0, limit));
    // Each place of the pattern may cost a step at each place that the promise counts.
    return engine.steps <= 65_536 * (pattern.length + 1);
  });
  fc.assert(property, { numRuns: 3000 });
});

t.test('the degree of a pattern bounds how its steps grow', async (t) => {
  const growth = fc.property(patterns, texts, (pattern, unit) => {
    const branches = parsePlainRegex(pattern);
    if (branches === null) return false;
    const limit = longestHarmlessText(pattern, branches);
    // A limit above 1,000 promises linear work, whatever the text.
    if (limit < 1000 || unit === '') return true;
    const engine = new CountingBacktracker(branches);
    const text = unit.repeat(Math.floor(600 / unit.length));
    engine.test(text);
    return engine.steps <= (65_536 / limit + 1) * (pattern.length + 1) * (text.length + 1);
  });
  fc.assert(growth, { numRuns: 3000 });
});
