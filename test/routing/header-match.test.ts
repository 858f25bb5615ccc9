import t from 'tap';
import type { HeaderMatch, StringMatch } from '../../src/model/route-match.ts';
import { compileHeaderMatch, headerMatches } from '../../src/routing/header-match.ts';
import { headerMatch, routeRequest, withoutHeader } from '../support/route-models.ts';

const jason: StringMatch = { kind: 'exact', value: 'jason' };
const present: StringMatch = { kind: 'present' };

function matches(model: HeaderMatch, ...lines: string[]): boolean {
  const headers = lines.map((line): [string, string] => ['x-user', line]);
  const request = routeRequest('/', { headers: [['accept', '*/*'], ...headers] });
  return headerMatches(compileHeaderMatch(model), request);
}

t.test('values are compared with their case', async (t) => {
  t.ok(matches(headerMatch('x-user', jason), 'jason'));
  t.notOk(matches(headerMatch('x-user', jason), 'Jason'));
  t.notOk(matches(headerMatch('x-user', jason), ''));
  t.notOk(matches(headerMatch('x-user', jason)));
  t.ok(matches(headerMatch('x-user', { kind: 'prefix', value: 'ja' }), 'jason'));
  t.ok(matches(headerMatch('x-user', { kind: 'suffix', value: 'son' }), 'jason'));
  t.ok(matches(headerMatch('x-user', { kind: 'regex', value: 'j.*n' }), 'jason'));
});

t.test('every line is compared for itself', async (t) => {
  t.ok(matches(headerMatch('x-user', jason), 'bob', 'jason'));
  t.notOk(matches(headerMatch('x-user', { kind: 'exact', value: 'bob,jason' }), 'bob', 'jason'));
});

t.test('presence needs the header only', async (t) => {
  t.ok(matches(headerMatch('x-user', present), ''));
  t.notOk(matches(headerMatch('x-user', present)));
});

t.test(
  'an excluded value excludes it in any line, and a missing header counts as empty',
  async (t) => {
    t.notOk(matches(withoutHeader('x-user', jason), 'jason'));
    t.notOk(matches(withoutHeader('x-user', jason), 'bob', 'jason'));
    t.ok(matches(withoutHeader('x-user', jason), 'bob'));
    t.ok(matches(withoutHeader('x-user', jason)));
    t.notOk(matches(withoutHeader('x-user', { kind: 'regex', value: '.*' })));
  },
);

t.test('an excluded header must be absent', async (t) => {
  t.ok(matches(withoutHeader('x-user', present)));
  t.notOk(matches(withoutHeader('x-user', present), ''));
});

t.test('an inverted condition on a missing header fails unless it counts as empty', async (t) => {
  const inverted = { ...headerMatch('x-user', jason), invert: true };
  t.notOk(matches(inverted));
  t.ok(matches({ ...inverted, treatMissingAsEmpty: true }));
  t.ok(matches(inverted, 'bob'));
});

t.test('values of the configuration are compared as UTF-8 bytes', async (t) => {
  t.ok(matches(headerMatch('x-user', { kind: 'exact', value: 'zo\u00eb' }), 'zo\xc3\xab'));
  t.ok(matches(headerMatch('x-user', { kind: 'prefix', value: '\u20ac' }), '\xe2\x82\xac5'));
});

t.test('an invalid regex matches nothing', async (t) => {
  t.notOk(matches(headerMatch('x-user', { kind: 'regex', value: '(' }), '('));
});

t.test('pseudo headers name parts of the request line', async (t) => {
  const request = routeRequest('/shop?a=1', {
    method: 'POST',
    scheme: 'https',
    authority: 'A.example.com:8443',
  });
  const holds = (name: string, value: string) =>
    headerMatches(compileHeaderMatch(headerMatch(name, { kind: 'exact', value })), request);
  t.ok(holds(':method', 'POST'));
  t.ok(holds(':scheme', 'https'));
  t.ok(holds(':path', '/shop?a=1'), 'with the query');
  t.ok(holds(':authority', 'A.example.com:8443'), 'as received');
  t.notOk(holds(':authority', 'a.example.com'));
  t.ok(holds('host', 'A.example.com:8443'));
});
