/** Rules of Ingresses and HTTPRoutes that get no requests, or lead nowhere. */

import { runCases } from './check-cases.ts';

function ingress(paths: readonly string[], annotations = ''): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {${annotations}}}
spec:
  rules:
    - host: web.test
      http:
        paths:
${paths.map((path) => `          - ${path}`).join('\n')}
`;
}

function path(value: string, pathType: string): string {
  return `{path: ${value}, pathType: ${pathType}, backend: {service: {name: web, port: {number: 80}}}}`;
}

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
`;

const also = gateway.replace('name: web', 'name: also').replace('port: 80', 'port: 81');

function httpRoute(...someRules: readonly string[]): string {
  return gateway + routeNamed('web', someRules);
}

/** One that goes after it. */
function secondRoute(...someRules: readonly string[]): string {
  return routeNamed('web-too', someRules);
}

function routeNamed(name: string, someRules: readonly string[]): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: web}]
  hostnames: [web.test]
  rules:
${someRules.map((rule) => `    - ${rule}`).join('\n')}
`;
}

const toWeb = 'backendRefs: [{name: web, port: 80}]';

runCases([
  {
    name: 'an exact path behind a prefix with a slash',
    yaml: ingress([path('/foo', 'Exact'), path('/foo/', 'Prefix')]),
    finds: ['SLC0407 spec.rules[0].http.paths[0].path'],
    says: /no request comes here: prefix "\/foo" of rules\[0\]\.http\.paths\[1\]/,
    hint: /remove one of them/,
  },
  {
    name: 'prefixes of an Ingress end at a slash',
    yaml: ingress([path('/foo', 'Prefix'), path('/foobar', 'Prefix'), path('/foo', 'Exact')]),
    finds: [],
  },
  {
    name: 'redirects to https leave nothing unsaid',
    yaml: ingress(
      [path('/', 'Prefix'), path('/foo', 'Prefix')],
      'nginx.ingress.kubernetes.io/force-ssl-redirect: "true"',
    ),
    finds: [],
  },
  {
    name: 'the same match twice in HTTPRoutes',
    yaml: httpRoute(
      `{matches: [{path: {value: /foo}}], ${toWeb}}`,
      `{matches: [{path: {value: /foo}}], ${toWeb}}`,
    ),
    finds: ['SLC0407 spec.rules[1].matches[0]'],
    says: /prefix "\/foo" of rules\[0\]/,
    hint: /remove one of them/,
  },
  {
    name: 'two HTTPRoutes for every path of a host',
    yaml: `${httpRoute(`{${toWeb}}`)}---\n${secondRoute(`{${toWeb}}`)}`,
    finds: ['SLC0407 spec.rules[0].matches[0]'],
    says: /prefix "\/" of rules\[0\]/,
    hint: /remove one of them/,
  },
  {
    name: 'a match that is hidden at one listener and served at another',
    yaml: `${httpRoute(`{${toWeb}}`)}---\n${secondRoute(`{${toWeb}}`).replace(
      'parentRefs: [{name: web}]',
      'parentRefs: [{name: web}, {name: also}]',
    )}---\n${also}`,
    finds: [],
  },
  {
    name: 'a redirect of a path to itself',
    yaml: httpRoute(
      '{matches: [{path: {value: /foo}}], filters: [{type: RequestRedirect, requestRedirect: ' +
        '{path: {type: ReplaceFullPath, replaceFullPath: /foo/bar}}}]}',
    ),
    finds: ['SLC0414 spec.rules[0].matches[0]'],
    says: /without end/,
    hint: /serve the target/,
  },
  {
    name: 'a redirect to a path that only begins alike',
    yaml: httpRoute(
      '{matches: [{path: {value: /foo}}], filters: [{type: RequestRedirect, requestRedirect: ' +
        '{path: {type: ReplaceFullPath, replaceFullPath: /foobar}}}]}',
    ),
    finds: [],
  },
]);
