/** GRPCRoutes: calls are matched by their path, `/service/method`. */

import t from 'tap';
import { partLines, statusOf } from './gateway-yaml.ts';
import { grpcRoute, gw, httpRoute, routeLines, services, translated } from './route-yaml.ts';

const known = `${gw}${services('a', 'b')}`;
const toA = 'backendRefs: [{name: a, port: 80}]';

function lines(...rules: readonly string[]): string[] {
  return routeLines(translated(known, grpcRoute('g', rules)));
}

const matches: Readonly<Record<string, string>> = {
  '{method: {service: p.S, method: Get}}': 'exact /p.S/Get',
  '{method: {service: p.S}}': 'path-separated-prefix /p.S',
  '{method: {method: Get}}': 'regex /[^/]+/Get',
  '{method: {type: RegularExpression, service: "p[.].*"}}': 'regex /p[.].*/.+',
  '{method: {type: RegularExpression, method: "G.*"}}': 'regex /[^/]+/G.*',
  '{method: {type: RegularExpression, service: "p[.].*", method: "G.*"}}': 'regex /p[.].*/G.*',
  '{method: {type: RegularExpression, service: "a.B|a.C"}}': 'regex /(?:a.B|a.C)/.+',
  '{headers: [{name: X, value: "1"}]}': 'prefix / x=1',
};

for (const [match, expected] of Object.entries(matches)) {
  t.test(`${match} is ${expected}`, (t) => {
    t.strictSame(lines(`{matches: [${match}], ${toA}}`), [`default.g.0: ${expected} -> a`]);
    t.end();
  });
}

t.test('a method before a service before a pattern before headers before all calls', (t) => {
  const rules = [
    `{${toA}}`,
    `{matches: [{headers: [{name: x, value: "1"}]}], ${toA}}`,
    `{matches: [{method: {method: Get}}], ${toA}}`,
    `{matches: [{method: {service: p.S}}], ${toA}}`,
    `{matches: [{method: {service: p.S, method: Get}}], ${toA}}`,
  ];
  t.strictSame(lines(...rules), [
    'default.g.4: exact /p.S/Get -> a',
    'default.g.3: path-separated-prefix /p.S -> a',
    'default.g.2: regex /[^/]+/Get -> a',
    'default.g.1: prefix / x=1 -> a',
    'default.g.0: prefix / -> a',
  ]);
  t.end();
});

t.test('routes of both kinds share a host', (t) => {
  const grpc = grpcRoute('g', [`{matches: [{method: {service: p.S}}], ${toA}}`]);
  const http = httpRoute('h', ['{backendRefs: [{name: b, port: 80}]}']);
  t.strictSame(routeLines(translated(known, http, grpc)), [
    'default.g.0: path-separated-prefix /p.S -> a',
    'default.h.0: prefix / -> b',
  ]);
  t.end();
});

t.test('what is wrong with a backend is told as for HTTPRoutes', (t) => {
  const translation = translated(
    known,
    grpcRoute('g', ['{backendRefs: [{name: nope, port: 80}]}']),
  );
  t.strictSame(partLines(statusOf(translation, 'GRPCRoute', 'g')), [
    'default/gw: ResolvedRefs False/BackendNotFound',
  ]);
  t.match(
    translation.findings.find(({ code }) => code === 'SLC0203'),
    { resource: 'GRPCRoute default/g', path: 'spec.rules[0].backendRefs[0].name' },
  );
  t.end();
});

t.test('a route without rules has nothing for anybody', (t) => {
  t.strictSame(lines(), []);
  t.end();
});
