import t from 'tap';
import { HostIndex } from '../../../src/config/registry/host-index.ts';
import {
  expandShortName,
  hostsOverlap,
  intersectHosts,
  isHostWithin,
} from '../../../src/config/registry/host-names.ts';

t.test('only a name without a dot is completed', async (t) => {
  const cases = [
    ['reviews', 'reviews.prod.svc.cluster.local'],
    ['reviews.other', 'reviews.other'],
    ['reviews.other.svc.cluster.local', 'reviews.other.svc.cluster.local'],
    ['*', '*'],
    ['*.example.com', '*.example.com'],
    ['::1', '::1'],
    ['', ''],
  ] as const;
  for (const [host, expected] of cases) {
    t.equal(expandShortName(host, 'prod', 'cluster.local'), expected, host);
  }
});

t.test('a wildcard covers any depth below its suffix, and not the suffix', async (t) => {
  const cases = [
    ['a.com', 'a.com', true],
    ['b.com', 'a.com', false],
    ['x.a.com', '*.a.com', true],
    ['x.y.a.com', '*.a.com', true],
    ['a.com', '*.a.com', false],
    ['*.x.a.com', '*.a.com', true],
    ['*.a.com', '*.x.a.com', false],
    ['*.a.com', 'x.a.com', false],
    ['anything', '*', true],
    ['*', '*', true],
  ] as const;
  for (const [host, pattern, expected] of cases) {
    t.equal(isHostWithin(host, pattern), expected, `${host} in ${pattern}`);
  }
  t.ok(hostsOverlap('*', 'a.com'));
  t.notOk(hostsOverlap('*.b.com', 'a.com'));
});

t.test('of two hosts that overlap the narrower one is shared', async (t) => {
  t.strictSame(intersectHosts(['*.a.com', 'b.com'], ['x.a.com', '*']), [
    'x.a.com',
    '*.a.com',
    'b.com',
  ]);
  t.strictSame(intersectHosts(['a.com'], ['b.com']), []);
  t.strictSame(intersectHosts(['*'], ['a.com', 'a.com']), ['a.com']);
});

t.test('an index finds the most specific name over a host', async (t) => {
  const index = new HostIndex<string>();
  for (const host of ['*', '*.com', '*.a.com', 'x.a.com', '*-api.b.org']) index.set(host, host);
  const cases = [
    ['x.a.com', 'x.a.com'],
    ['y.a.com', '*.a.com'],
    ['*.a.com', '*.a.com'],
    ['*.z.a.com', '*.a.com'],
    ['a.com', '*.com'],
    ['shop-api.b.org', '*-api.b.org'],
    ['b.org', '*'],
  ] as const;
  for (const [host, expected] of cases) t.equal(index.mostSpecific(host), expected, host);
  t.strictSame(index.wildcardsOver('x.a.com'), ['*.a.com', '*.com', '*']);
  t.equal(new HostIndex<string>().mostSpecific('a'), undefined);
});
