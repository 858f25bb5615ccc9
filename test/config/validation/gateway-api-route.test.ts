/** What the API server would refuse of an HTTPRoute or GRPCRoute: each row is one mistake. */

import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

/** `path: message` of each finding; `rule` in JSON or YAML of flow style. */
function mistakes(kind: string, rule: string, spec = ''): string[] {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: r}
spec: {${spec}rules: [${rule}]}
`;
  return loadResources([{ path: 'r.yaml', text }]).findings.map(({ code, path, message }) => {
    t.equal(code, 'SLC0032', message);
    return `${path.replace('spec.rules[0].', '')}: ${message}`;
  });
}

function ofMatch(match: string): string[] {
  return mistakes('HTTPRoute', `{matches: [{${match}}]}`);
}

function ofFilter(filter: string): string[] {
  return mistakes('HTTPRoute', `{filters: [{${filter}}]}`);
}

const matches: Readonly<Record<string, string>> = {
  'path: {value: a}': '"a" is not a path: it must begin with "/"',
  'path: {value: /a//b}': '"/a//b" is not a path: it has "//"',
  'path: {value: /a/../b}': '"/a/../b" is not a path: it has a segment "." or ".."',
  'path: {type: Exact, value: /a%2Fb}': '"/a%2Fb" is not a path: it has an encoded "/"',
  'path: {value: "/a#b"}': '"/a#b" is not a path: it has "#"',
  'path: {value: /a b}': '"/a b" is not a path: it has characters that paths have not',
};

t.test('paths', async (t) => {
  for (const [match, message] of Object.entries(matches)) {
    t.same(ofMatch(match), [`matches[0].path.value: ${message}`], match);
  }
  for (const right of ['/', '/a/', '/a.b/%20', '/a..b/.c']) {
    t.same(ofMatch(`path: {value: "${right}"}`), [], right);
  }
  t.match(ofMatch('path: {type: RegularExpression, value: "("}'), [/^matches\[0\]\.path\.value: /]);
});

t.test('other conditions', async (t) => {
  t.same(ofMatch('method: get'), ['matches[0].method: "get" is not an HTTP method']);
  t.same(ofMatch('headers: [{name: "a b", value: x}]'), [
    'matches[0].headers[0].name: "a b" is not a header name',
  ]);
  t.match(ofMatch('headers: [{name: a, type: RegularExpression, value: "("}]'), [
    /^matches\[0\]\.headers\[0\]\.value: /,
  ]);
  t.match(ofMatch('queryParams: [{name: a, type: RegularExpression, value: "("}]'), [
    /^matches\[0\]\.queryParams\[0\]\.value: /,
  ]);
});

t.test('each filter has the field of its type', async (t) => {
  t.same(ofFilter('type: CORS'), ['filters[0]: a filter CORS needs "cors"']);
  t.same(ofFilter('type: CORS, cors: {}, urlRewrite: {}'), [
    'filters[0].urlRewrite: "urlRewrite" is for filters of type URLRewrite',
  ]);
  const twice = '{type: CORS, cors: {}}, {type: CORS, cors: {}}';
  t.same(mistakes('HTTPRoute', `{filters: [${twice}]}`), [
    'filters[1].type: there is another filter CORS already',
  ]);
  const both = '{type: URLRewrite, urlRewrite: {}}, {type: RequestRedirect, requestRedirect: {}}';
  t.same(mistakes('HTTPRoute', `{filters: [${both}]}`), [
    'filters: RequestRedirect and URLRewrite cannot stand together',
  ]);
  const backend = '{name: a, port: 80, filters: [{type: CORS}]}';
  t.same(mistakes('HTTPRoute', `{backendRefs: [${backend}]}`), [
    'backendRefs[0].filters[0]: a filter CORS needs "cors"',
  ]);
});

const filters: Readonly<Record<string, string>> = {
  'type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: "a b", value: x}]}':
    'filters[0].requestHeaderModifier.set[0].name: "a b" is not a header name',
  'type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: a, value: "x\\ny"}]}':
    'filters[0].responseHeaderModifier.add[0].value: the character U+000A cannot stand here',
  'type: RequestHeaderModifier, requestHeaderModifier: {remove: [""]}':
    'filters[0].requestHeaderModifier.remove[0]: "" is not a header name',
  'type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}, fraction: {numerator: 3, denominator: 2}}':
    'filters[0].requestMirror.fraction: numerator 3 is more than denominator 2',
  'type: RequestRedirect, requestRedirect: {statusCode: 304}':
    'filters[0].requestRedirect.statusCode: 304 is not 301, 302, 303, 307 or 308',
  'type: RequestRedirect, requestRedirect: {hostname: "a b"}':
    'filters[0].requestRedirect.hostname: "a b" is not a host name (the part "a b" is not valid)',
  'type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath}}':
    'filters[0].urlRewrite.path: type ReplaceFullPath needs "replaceFullPath"',
  'type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: "/a b"}}':
    'filters[0].urlRewrite.path.replaceFullPath: the character U+0020 cannot stand here',
  'type: CORS, cors: {allowOrigins: [a.test]}':
    'filters[0].cors.allowOrigins[0]: "a.test" is not an origin',
  'type: CORS, cors: {allowMethods: [get]}':
    'filters[0].cors.allowMethods[0]: "get" is not an HTTP method',
  'type: CORS, cors: {allowHeaders: ["*", x]}':
    'filters[0].cors.allowHeaders: "*" stands for all, nothing can stand beside it',
};

for (const [filter, message] of Object.entries(filters)) {
  t.test(filter, async (t) => t.same(ofFilter(filter), [message]));
}

const prefix = 'path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}';
const rules: Readonly<Record<string, string>> = {
  '{filters: [{type: RequestRedirect, requestRedirect: {}}], backendRefs: [{name: a, port: 80}]}':
    'filters[0]: a rule with a redirect cannot have backends',
  [`{matches: [{path: {value: /a}}, {path: {value: /b}}], filters: [{type: URLRewrite, urlRewrite: {${prefix}}}]}`]:
    'filters[0].urlRewrite.path.type: ReplacePrefixMatch needs exactly one match, of type PathPrefix',
  '{timeouts: {request: 1.5s}}': 'timeouts.request: "1.5s" is not a duration of the Gateway API',
  '{timeouts: {request: 1s, backendRequest: 2s}}':
    'timeouts.backendRequest: the time for one try, 2s, is more than that for all, 1s',
  '{name: n}, {name: n}': 'spec.rules[1].name: there are two rules named "n"',
  '{sessionPersistence: {cookieConfig: {lifetimeType: Permanent}}}':
    'sessionPersistence.cookieConfig: a permanent cookie needs an absoluteTimeout',
  '{sessionPersistence: {type: Header, cookieConfig: {}}}':
    'sessionPersistence.cookieConfig: a session of type Header has no cookie',
};

for (const [rule, message] of Object.entries(rules)) {
  t.test(rule, async (t) => t.same(mistakes('HTTPRoute', rule), [message]));
}

t.test('hosts', async (t) => {
  t.same(mistakes('HTTPRoute', '{}', 'hostnames: ["*", "*.a.test", "a_b"], '), [
    'spec.hostnames[0]: "*" is not a host name',
    'spec.hostnames[2]: "a_b" is not a host name (the part "a_b" is not valid)',
  ]);
});

t.test('methods of gRPC', async (t) => {
  const ofMethod = (method: string) => mistakes('GRPCRoute', `{matches: [{method: {${method}}}]}`);
  t.same(ofMethod('type: Exact'), [
    'matches[0].method: the match needs a service, a method or both',
  ]);
  t.same(ofMethod('service: a/b'), ['matches[0].method.service: "a/b" is no name of a service']);
  t.same(ofMethod('method: a.b'), ['matches[0].method.method: "a.b" is no name of a method']);
  t.same(ofMethod('service: a.b.C, method: Get'), []);
  t.match(ofMethod('type: RegularExpression, service: "("'), [/^matches\[0\]\.method\.service: /]);
});
