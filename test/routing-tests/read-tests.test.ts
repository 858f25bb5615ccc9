import t from 'tap';
import { readTests } from '../../src/routing-tests/read-tests.ts';
import type { TestRequest } from '../../src/routing-tests/schema.ts';
import { requestCount, singleRequests } from '../../src/routing-tests/test-request.ts';
import { loadResources } from '../support/load-resources.ts';
import { runYaml, service, virtualService } from './routing-tests-fixture.ts';

function read(text: string, named = true) {
  const { tests, findings } = readTests(
    [{ path: 'a.yaml', text }],
    new Set(named ? ['a.yaml'] : []),
  );
  return {
    tests,
    told: findings.map(({ line, column, message, hint }) => {
      return `${line}:${column} ${message}${hint === null ? '' : ` (${hint})`}`;
    }),
  };
}

t.test('mistakes have their place and what was meant', async (t) => {
  const { tests, told } = read(`testCases:
- description: a
  request: {authority: a, methods: [GET]}
  rout: []
- description: b
  timeout: 3
  request:
    authority: [a]
    scheme: ftp
- request: {uri: /}
`);
  t.same(tests, []);
  t.same(told, [
    '3:27 unknown field "methods" in testCases[0].request (did you mean "method"?)',
    '4:3 unknown field "rout" in testCases[0] (did you mean "route"?)',
    '6:12 "3" is not a duration (write the unit: "3s" or "3ms")',
    '9:13 testCases[1].request.scheme cannot be "ftp" (one of http, https)',
    '10:3 "description" is missing in testCases[2]',
  ]);
});

t.test('text that is no YAML, and files without tests', async (t) => {
  t.match(read('testCases: [').told, [/^1:\d+ /]);
  t.match(read('kind: Service\n').told, [/^0:0 no document of this file has "testCases"/]);
  t.same(read('kind: Service\n', false).told, [], 'of a folder');
  t.same(read('').tests, []);
});

t.test('tests of several documents keep their lines', async (t) => {
  const { tests, told } = read(
    'testCases:\n- description: a\n  request: {authority: a}\n---\nkind: x\n---\ntestCases:\n- description: b\n  request: {authority: b}\n',
  );
  t.same(told, []);
  t.same(
    tests.map(({ test, line }) => `${test.description} ${line}`),
    ['a 2', 'b 8'],
  );
});

t.test('documents of tests are no configuration', async (t) => {
  const text = `testCases: []\n---\n${service('web')}testCases: [{}]\n`;
  const { resources, findings } = loadResources([{ path: 'a.yaml', text }]);
  t.same(findings, []);
  t.equal(resources.services.length, 1);
});

t.test('lists multiply', async (t) => {
  const request: TestRequest = {
    authority: ['a', 'b'],
    method: 'POST',
    uri: ['/', '/x', '/y'],
    headers: { 'X-One': ['1', '2'], two: '2' },
    gateway: ['mesh', 'g'],
  };
  const all = [...singleRequests(request)];
  t.equal(all.length, 24);
  t.equal(requestCount(request), 24);
  t.equal(new Set(all.map((each) => JSON.stringify(each))).size, 24);
  t.match(all[0], {
    authority: 'a',
    method: 'POST',
    uri: '/',
    headers: [
      ['x-one', '1'],
      ['two', '2'],
    ],
    scheme: null,
    gateway: 'mesh',
    sourceAddress: '127.0.0.1',
  });
  t.match([...singleRequests({ authority: 'a' })], [{ method: 'GET', uri: '/', headers: [] }]);
});

const web = service('web');

t.test('too many requests of one test are refused', async (t) => {
  const list = JSON.stringify(Array.from({ length: 101 }, (_, index) => `/${index}`));
  const uri = `{authority: web, uri: ${list}, headers: {a: ${list}}}`;
  const report = runYaml(web, `testCases: [{description: a, request: ${uri}}]`);
  t.match(report, { failed: 1, requests: 0 });
  t.match(report.results[0]?.failures, [{ message: /make 10201 requests; at most 10000/ }]);
  const none = runYaml(web, 'testCases: [{description: a, request: {authority: []}}]');
  t.match(none, { failed: 1, requests: 0 });
  t.match(none.results[0]?.failures, [{ message: /list of its request is empty/ }]);
});

t.test('coverage counts matches of rules, each by its line', async (t) => {
  const rules =
    web +
    virtualService(
      'web',
      `
hosts: [web]
http:
- name: two
  match:
  - uri: {exact: /a}
  - uri: {exact: /b}
  route: [{destination: {host: web}}]
- route: [{destination: {host: web}}]
`,
    );
  const tests = 'testCases: [{description: a, request: {authority: web, uri: [/b, /c]}}]';
  const { routes, reached } = runYaml(rules, tests).coverage;
  t.equal(reached, 2);
  t.same(
    routes.map(({ name, line, isReached }) => [name, line, isReached]),
    [
      ['two', 15, false],
      ['two', 16, true],
      ['', 18, true],
    ],
  );
});

t.test('coverage counts the paths and the default backend of an Ingress', async (t) => {
  const rules = `${web}apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: edge}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
  rules:
  - host: web.test
    http:
      paths:
      - {path: /a, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /b, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
`;
  const tests = 'testCases: [{description: a, request: {authority: web.test, uri: [/a, /b/c]}}]';
  const { routes, reached } = runYaml(rules, tests).coverage;
  t.equal(reached, 2);
  t.same(
    routes.map(({ resource, line, isReached }) => [resource, line, isReached]),
    [
      ['Ingress default/edge', 10, false],
      ['Ingress default/edge', 15, true],
      ['Ingress default/edge', 16, true],
    ],
  );
});

t.test('coverage tells matches and rules apart that share a line', async (t) => {
  const reachedBy = (spec: string, uri: string) => {
    const tests = `testCases: [{description: a, request: {authority: web, uri: ${uri}}}]`;
    const { routes } = runYaml(web + virtualService('web', spec), tests).coverage;
    return routes.map(({ isReached }) => isReached);
  };
  const route = '"route": [{"destination": {"host": "web"}}]';
  const matches = '"match": [{"uri": {"exact": "/a"}}, {"uri": {"exact": "/b"}}]';
  const json = `{"hosts": ["web"], "http": [{${matches}, ${route}}, {"name": "rest", ${route}}]}`;
  for (const spec of [json, json.replaceAll('"', '')]) {
    t.same(reachedBy(spec, '/a'), [true, false, false]);
    t.same(reachedBy(spec, '/b'), [false, true, false]);
    t.same(reachedBy(spec, '/c'), [false, false, true]);
  }
});
