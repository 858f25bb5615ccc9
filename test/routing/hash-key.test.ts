import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { loadXxHash64 } from '../../src/base/xxhash64.ts';
import type { HashPolicy } from '../../src/model/route-policy.ts';
import type { CompiledForward } from '../../src/routing/compiled-route.ts';
import { computeHash, type HashResult } from '../../src/routing/hash-key.ts';
import {
  compiledHost,
  forwardTo,
  type RequestParts,
  route,
  routeRequest,
} from '../support/route-models.ts';

const hash64 = await loadXxHash64();
const user: HashPolicy = { kind: 'header', name: 'x-user' };
const tenant: HashPolicy = { kind: 'header', name: 'x-tenant' };
const session: HashPolicy = {
  kind: 'cookie',
  name: 'sess',
  path: '/app',
  ttlSeconds: 60,
  attributes: [],
};

function compute(policies: HashPolicy[], path = '/', parts: RequestParts = {}): HashResult {
  const action = forwardTo('c', { hashPolicies: policies });
  const host = compiledHost([route('r', {}, action)]);
  const request = { ...routeRequest(path, parts), remoteAddress: '10.0.0.1' };
  const tools = { hash64, random: new SeededRandom(1) };
  return computeHash(host.routes[0]?.action as CompiledForward, request, tools);
}

function headers(...lines: [string, string][]): RequestParts {
  return { headers: lines };
}

t.test('without policies there is nothing to hash', async (t) => {
  t.same(compute([]), { hash: null, setCookie: null });
});

t.test('each kind of policy hashes its own part', async (t) => {
  const { hash } = hash64;
  t.equal(compute([user], '/', headers(['x-user', 'jason'])).hash, hash('jason'));
  t.equal(compute([user], '/', headers(['x-user', ''])).hash, hash(''));
  t.equal(compute([{ kind: 'source-ip' }]).hash, hash('10.0.0.1'));
  t.equal(compute([{ kind: 'query-parameter', name: 'id' }], '/?id=7').hash, hash('7'));
  t.equal(compute([session], '/', headers(['cookie', 'sess="abc"'])).hash, hash('abc'));
  const authority: HashPolicy = { kind: 'header', name: ':authority' };
  t.equal(compute([authority], '/', { authority: 'A.test:80' }).hash, hash('A.test:80'));
});

t.test('what is missing does not hash', async (t) => {
  t.equal(compute([user]).hash, null);
  t.equal(compute([{ kind: 'query-parameter', name: 'id' }], '/?x=7').hash, null);
  t.same(compute([{ ...session, ttlSeconds: null }]), { hash: null, setCookie: null });
});

t.test('several lines hash the same in any order, and not as one joined line', async (t) => {
  const ab = compute([user], '/', headers(['x-user', 'a'], ['x-user', 'b'])).hash;
  const ba = compute([user], '/', headers(['x-user', 'b'], ['x-user', 'a'])).hash;
  t.equal(ab, ba);
  t.equal(ab, hash64.hash('ab'));
  t.not(ab, compute([user], '/', headers(['x-user', 'a,b'])).hash);
});

t.test('several policies are combined, in their order', async (t) => {
  const both = headers(['x-user', 'foo'], ['x-tenant', 'bar']);
  const foo = hash64.hash('foo');
  const bar = hash64.hash('bar');
  const turned = (value: bigint) => BigInt.asUintN(64, value << 1n) | (value >> 63n);
  t.equal(compute([user, tenant], '/', both).hash, turned(foo) ^ bar);
  t.equal(compute([tenant, user], '/', both).hash, turned(bar) ^ foo);
  t.equal(compute([user, tenant], '/', headers(['x-tenant', 'bar'])).hash, bar);
  const same = compute([user, user], '/', both).hash;
  t.not(same, 0n, 'equal parts do not cancel each other out');
});

t.test('a missing cookie with a time to live is made', async (t) => {
  const { hash, setCookie } = compute([session]);
  const value = /^sess="([0-9a-f]{16})"; Max-Age=60; Path=\/app; HttpOnly$/.exec(setCookie ?? '');
  t.ok(value, setCookie ?? 'no cookie');
  t.equal(hash, hash64.hash(value?.[1] ?? ''));
});

t.test('an empty cookie counts as missing', async (t) => {
  t.match(compute([session], '/', headers(['cookie', 'sess='])).setCookie, /^sess="/);
});

t.test('a session cookie has no Max-Age, and attributes stand as they are given', async (t) => {
  const attributes = [
    { name: 'SameSite', value: 'Strict' },
    { name: 'HttpOnly', value: '' },
  ];
  const { setCookie } = compute([{ ...session, path: null, ttlSeconds: 0, attributes }]);
  t.match(setCookie, /^sess="[0-9a-f]{16}"; SameSite=Strict; HttpOnly; HttpOnly$/);
});

t.test('destinations that share a cookie share the one that is made', async (t) => {
  const { hash, setCookie } = compute([session, session]);
  const value = /"([0-9a-f]{16})"/.exec(setCookie ?? '')?.[1] ?? '';
  const again = compute([session, session], '/', headers(['cookie', `sess=${value}`]));
  t.equal(again.hash, hash);
  t.equal(again.setCookie, null);
});

t.test('cookies and parameters that are not ASCII are compared and written as bytes', async (t) => {
  const bytes = Buffer.from('Ċ', 'utf8').toString('latin1');
  const query: HashPolicy = { kind: 'query-parameter', name: 'Ċ' };
  t.equal(compute([query], `/?${bytes}=7`).hash, hash64.hash('7'));
  const attributes = [{ name: 'Ċ', value: 'Ċ' }];
  const cookie: HashPolicy = { ...session, name: 'Ċ', path: '/Ċ', attributes };
  const { setCookie } = compute([cookie]);
  t.match(
    setCookie,
    new RegExp(`^${bytes}="\\w+"; Max-Age=60; Path=/${bytes}; ${bytes}=${bytes};`),
  );
  t.equal(compute([cookie], '/', headers(['cookie', `${bytes}=abc`])).hash, hash64.hash('abc'));
});
