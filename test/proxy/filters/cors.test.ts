import t from 'tap';
import type { CorsPolicy } from '../../../src/model/route-policy.ts';
import { createCorsFilter } from '../../../src/proxy/filters/cors.ts';
import { headerList } from '../../support/header-lists.ts';

const site = 'https://a.example';

function filter(changes: Partial<CorsPolicy> = {}) {
  return createCorsFilter({
    allowOrigins: [{ kind: 'exact', value: site }],
    allowMethods: null,
    allowHeaders: null,
    exposeHeaders: null,
    maxAgeSeconds: null,
    allowCredentials: false,
    forwardUnmatchedPreflights: true,
    ...changes,
  });
}

const preflight = { origin: site, 'access-control-request-method': 'PUT' };

function answer(changes: Partial<CorsPolicy>, fields: Readonly<Record<string, string>> = {}) {
  const request = headerList({ ...preflight, ...fields });
  const headers = filter(changes).answerPreflight('OPTIONS', request);
  return headers === null ? null : Object.fromEntries(headers);
}

t.test('what makes a request a preflight', async (t) => {
  const cors = filter();
  t.ok(cors.answerPreflight('OPTIONS', headerList(preflight)));
  t.equal(cors.answerPreflight('GET', headerList(preflight)), null, 'method');
  t.equal(cors.answerPreflight('OPTIONS', headerList({ origin: site })), null, 'asks nothing');
  t.equal(
    cors.answerPreflight('OPTIONS', headerList({ 'access-control-request-method': 'PUT' })),
    null,
    'no origin',
  );
  const ignoring = filter({ forwardUnmatchedPreflights: false });
  const empty = headerList({ ...preflight, origin: '' });
  t.equal(ignoring.answerPreflight('OPTIONS', empty), null, 'an empty origin is none');
});

t.test('the answer to a preflight carries what the policy has', async (t) => {
  t.same(answer({}), { 'access-control-allow-origin': site });
  const all = answer({
    allowMethods: 'GET,PUT',
    allowHeaders: 'x-a,x-b',
    exposeHeaders: 'x-c',
    maxAgeSeconds: 600,
    allowCredentials: true,
  });
  t.same(all, {
    'access-control-allow-origin': site,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET,PUT',
    'access-control-allow-headers': 'x-a,x-b',
    'access-control-max-age': '600',
    'access-control-expose-headers': 'x-c',
  });
});

t.test('a preflight of another origin', async (t) => {
  const fields = { origin: 'https://evil.example' };
  t.equal(answer({}, fields), null, 'goes upstream');
  t.same(
    answer({ forwardUnmatchedPreflights: false, allowMethods: 'GET' }, fields),
    { 'access-control-allow-methods': 'GET' },
    'or is answered without allowing it',
  );
  const changes = {
    forwardUnmatchedPreflights: false,
    allowCredentials: true,
    exposeHeaders: 'x-c',
  };
  t.same(answer(changes, fields), { 'access-control-allow-credentials': 'true' }, 'as Envoy does');
});

t.test('* stands for whatever is asked', async (t) => {
  const asked = { 'access-control-request-headers': 'x-q' };
  const headers = answer({ allowMethods: '*', allowHeaders: '*' }, asked);
  t.equal(headers?.['access-control-allow-methods'], 'PUT');
  t.equal(headers?.['access-control-allow-headers'], 'x-q');
});

t.test('origins are allowed by every kind of match', async (t) => {
  const allowed = (changes: Partial<CorsPolicy>, origin: string): string | null =>
    filter(changes).allowedOrigin(headerList({ origin }));
  t.equal(allowed({}, site), site);
  t.equal(allowed({}, `${site}.evil`), null);
  const any: Partial<CorsPolicy> = { allowOrigins: [{ kind: 'exact', value: '*' }] };
  t.equal(allowed(any, 'https://b.example'), 'https://b.example');
  const anyPrefix: Partial<CorsPolicy> = { allowOrigins: [{ kind: 'prefix', value: '*' }] };
  t.equal(allowed(anyPrefix, 'https://b.example'), 'https://b.example', 'it matches *');
  const prefix: Partial<CorsPolicy> = { allowOrigins: [{ kind: 'prefix', value: 'https://a' }] };
  t.equal(allowed(prefix, site), site);
  const regex: Partial<CorsPolicy> = {
    allowOrigins: [{ kind: 'regex', value: 'https://[a-c]\\.example' }],
  };
  t.equal(allowed(regex, site), site);
  t.equal(allowed(regex, 'https://d.example'), null);
  t.equal(allowed({ allowOrigins: [] }, site), null);
  t.equal(filter().allowedOrigin(headerList()), null, 'no origin');
  t.equal(filter(any).allowedOrigin(headerList({ origin: '' })), null, 'an empty origin');
});

t.test('answers to an allowed origin are decorated in place of what is there', async (t) => {
  const headers = headerList({ 'access-control-allow-origin': '*', 'x-a': '1' });
  filter({ allowCredentials: true, exposeHeaders: 'x-c' }).decorate(headers, site);
  t.same(headers.flat, [
    ...['access-control-allow-origin', site],
    ...['x-a', '1'],
    ...['access-control-allow-credentials', 'true'],
    ...['access-control-expose-headers', 'x-c'],
  ]);
  const plain = headerList();
  filter().decorate(plain, site);
  t.same(plain.flat, ['access-control-allow-origin', site]);
});
