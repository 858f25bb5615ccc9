import fc from 'fast-check';
import t from 'tap';
import { isFieldName, isFieldValue } from '../../../src/http1/field-syntax.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { HashPolicy } from '../../../src/model/route-policy.ts';
import { CompiledHeaderMutation } from '../../../src/proxy/filters/header-mutation.ts';
import type { CompiledForward, CompiledRedirect } from '../../../src/routing/compiled-route.ts';
import { compileRoute } from '../../../src/routing/compiled-route.ts';
import { replaceMatchedPath } from '../../../src/routing/path-rewrite.ts';
import { redirectLocation } from '../../../src/routing/redirect.ts';
import { compileRegexRewrite, replaceMatches } from '../../../src/routing/regex-rewrite.ts';
import { loadResources } from '../../support/load-resources.ts';
import { forwardTo, redirectTo, route, routeRequest } from '../../support/route-models.ts';
import { testStreamInfo } from '../../telemetry/stream-info-fixture.ts';

const api = 'networking.istio.io/v1';
const destinations = [{ destination: { host: 'a' } }];

function problems(kind: string, spec: unknown, apiVersion = api): readonly string[] {
  const text = JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec });
  const { findings } = loadResources([{ path: 'a.json', text }]);
  return findings.map(({ code, path }) => `${code} ${path}`);
}

const ofRule = (rule: object) => problems('VirtualService', { hosts: ['a'], http: [rule] });
const ofForward = (parts: object) => ofRule({ route: destinations, ...parts });
const ofCookie = (cookie: object) =>
  problems('DestinationRule', {
    host: 'a',
    trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { ttl: '0s', ...cookie } } } },
  });

const cookiePath = 'spec.trafficPolicy.loadBalancer.consistentHash.httpCookie';
const control = ['/a\nb', '/a\r\nx: y', '/a\u0000', '/a\tb', '/a\u007f', '/a\u0085', '/\ud800'];

t.test('text of a request line can neither end it nor be cut by it', async (t) => {
  const uri = (text: string) => ofForward({ rewrite: { uri: text } });
  for (const good of ['/new?x=%20', '/a\u010ab', '/ä', '/\u{1f600}']) t.same(uri(good), [], good);
  for (const bad of [...control, '/a b']) {
    t.same(uri(bad), ['IST0106 spec.http[0].rewrite.uri'], JSON.stringify(bad));
  }
});

t.test('every text that becomes a part of a head is checked', async (t) => {
  for (const bad of control) {
    const shown = JSON.stringify(bad);
    const regex = { uriRegexRewrite: { match: 'a', rewrite: bad } };
    const rewritten = 'IST0106 spec.http[0].rewrite';
    t.same(ofForward({ rewrite: { authority: bad } }), [`${rewritten}.authority`], shown);
    t.same(ofForward({ rewrite: regex }), [`${rewritten}.uriRegexRewrite.rewrite`], shown);
    for (const field of ['uri', 'authority']) {
      t.same(ofRule({ redirect: { [field]: bad } }), [`IST0106 spec.http[0].redirect.${field}`]);
    }
    t.match(ofRule({ redirect: { scheme: bad } }), ['IST0106 spec.http[0].redirect.scheme']);
    t.same(ofCookie({ name: bad }), [`IST0106 ${cookiePath}.name`], shown);
    t.same(ofCookie({ name: 'a', path: bad }), [`IST0106 ${cookiePath}.path`], shown);
    const attributes = (attribute: object) => ofCookie({ name: 'a', attributes: [attribute] });
    t.same(attributes({ name: bad }), [`IST0106 ${cookiePath}.attributes[0].name`], shown);
    t.same(
      attributes({ name: 'a', value: bad }),
      [`IST0106 ${cookiePath}.attributes[0].value`],
      shown,
    );
    const server = { meshConfig: { defaultConfig: { proxyHeaders: { server: { value: bad } } } } };
    const serverPath = 'spec.meshConfig.defaultConfig.proxyHeaders.server.value';
    t.same(problems('Bootstrap', server, 'sluice.dev/v1'), [`IST0106 ${serverPath}`], shown);
  }
  const prefix = { match: [{ uri: { prefix: '/' } }], redirect: { prefixRewrite: '/\n' } };
  t.same(ofRule(prefix), ['IST0106 spec.http[0].redirect.prefixRewrite']);
});

t.test('blanks may stand where a value has them', async (t) => {
  t.same(ofCookie({ name: 'a', path: '/a b', attributes: [{ name: 'a', value: 'b c' }] }), []);
  const server = { meshConfig: { defaultConfig: { proxyHeaders: { server: { value: 'a b' } } } } };
  t.same(problems('Bootstrap', server, 'sluice.dev/v1'), []);
});

t.test('header rules: names are names, hosts are hosts, values end no line', async (t) => {
  const set = (name: string, value: string) =>
    ofForward({ headers: { request: { set: { [name]: value } } } });
  for (const name of ['a b', 'ä', 'a:', 'a\n', 'K\u212a']) {
    t.match(set(name, 'x').join(), /^IST0106 [^,]+$/, name);
  }
  for (const name of ['Host', ':authority']) {
    t.same(set(name, 'a.test:80'), []);
    for (const bad of ['a b', 'ä.test']) t.match(set(name, bad).join(), /^IST0106 [^,]+$/, bad);
  }
  t.match(set('x-a', 'a\nb').join(), /^IST0106 [^,]+$/);
  t.same(set('x-a', 'grün\tund blau'), []);
  t.match(ofForward({ headers: { response: { remove: ['a b'] } } }), [/^IST0106 .+remove\[0\]$/]);
});

t.test('header rules for fields of the framing are said to do nothing', async (t) => {
  const names = ['Content-Length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade'];
  for (const name of [...names, 'Proxy-Connection']) {
    for (const side of ['request', 'response']) {
      for (const verb of ['set', 'add']) {
        const found = ofForward({ headers: { [side]: { [verb]: { [name]: '1' } } } });
        t.match(found.join(), /^SLC0035 [^,]+$/, `${side} ${verb} ${name}`);
      }
      const found = ofForward({ headers: { [side]: { remove: [name] } } });
      t.same(found, [`SLC0035 spec.http[0].headers.${side}.remove[0]`]);
    }
  }
});

const pieces = fc.constantFrom('/', 'a', 'ä', '\u010a', '\n', '\r', ' ', '\t', '\0', '%', '\ud83d');
const text = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    fc.string({ minLength: 1, maxLength: 6 }),
  )
  .filter((value) => value !== '');
const runs = { numRuns: 400 };
const isRefused = (found: readonly string[]) => found.some((line) => line.startsWith('IST0106'));
const isTarget = (value: string) => isFieldValue(value) && !/[\t ]/.test(value);

function check(value: string, isSound: boolean): void {
  if (!isSound) throw new Error(`not refused, and goes out as ${JSON.stringify(value)}`);
}

t.test('a path is refused, or what is compiled of it can be sent', async () => {
  fc.assert(
    fc.property(text, (value) => {
      if (!isRefused(ofForward({ rewrite: { uri: value } }))) {
        const compiled = compileRoute(route('r', {}, forwardTo('r', { prefixRewrite: value })), 0);
        const { prefixRewrite } = (compiled.action as CompiledForward).action;
        const path = replaceMatchedPath(compiled, '/p', prefixRewrite ?? '');
        check(path, isTarget(path));
      }
      const uriRegexRewrite = { match: 'p', rewrite: value };
      if (!isRefused(ofForward({ rewrite: { uriRegexRewrite } }))) {
        const rewrite = compileRegexRewrite({ pattern: 'p', substitution: value });
        const path = replaceMatches(rewrite, '/p');
        check(path, isTarget(path));
      }
    }),
    runs,
  );
});

t.test('a redirect is refused, or its location can be sent', async () => {
  fc.assert(
    fc.property(text, text, (path, host) => {
      if (isRefused(ofRule({ redirect: { uri: path, authority: host } }))) return;
      const compiled = compileRoute(route('r', {}, redirectTo({ path, host })), 0);
      const action = compiled.action as CompiledRedirect;
      const location = redirectLocation(action, routeRequest('/p'), compiled);
      check(location, isTarget(location));
    }),
    runs,
  );
});

t.test('a cookie is refused, or every part of it can be sent', async () => {
  fc.assert(
    fc.property(text, text, text, (name, path, value) => {
      const attributes = [{ name, value }];
      if (isRefused(ofCookie({ name, path, attributes }))) return;
      const cookie: HashPolicy = { kind: 'cookie', name, path, ttlSeconds: 0, attributes };
      const compiled = compileRoute(route('r', {}, forwardTo('r', { hashPolicies: [cookie] })), 0);
      const [policy] = (compiled.action as CompiledForward).hashPolicies ?? [];
      if (policy?.kind !== 'cookie') throw new Error('no cookie');
      const [attribute] = policy.attributes;
      for (const part of [policy.name, policy.path, attribute?.name, attribute?.value]) {
        check(part ?? '', isFieldValue(part ?? ''));
      }
    }),
    runs,
  );
});

t.test('a header rule is refused, or its lines can be sent', async () => {
  const info = testStreamInfo();
  fc.assert(
    fc.property(fc.oneof(text, fc.constant('x-a')), text, (name, value) => {
      const headers = { request: { set: { [name]: value } } };
      if (isRefused(ofForward({ headers })) || /^(host|:authority)$/i.test(name)) return;
      const list = new HeaderList();
      const set = [{ name: name.toLowerCase(), value }];
      new CompiledHeaderMutation({ set, add: set, remove: [name] }, 'request').apply(list, info);
      for (const [index, part] of list.flat.entries()) {
        check(part, index % 2 === 0 ? isFieldName(part) : isFieldValue(part));
      }
    }),
    runs,
  );
});
