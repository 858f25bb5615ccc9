/** What people fall into with rules that are valid: each trap, and what is close to it and right. */

import t from 'tap';
import { check, document, onGateway, rules, runCases, toOther, toWeb, uri } from './check-cases.ts';

function withAnnotation(yaml: string, annotation: string): string {
  return yaml.replace('{name: web}', `{name: web, annotations: {${annotation}: "true"}}`);
}

function pods(replicas: number): string {
  return `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-v1}
spec:
  replicas: ${replicas}
  template: {metadata: {labels: {app: web, version: v1}}}
---
`;
}

const hashed = (spec: string) => pods(3) + document('DestinationRule', 'web', spec);
const policy = (outlier: string) => `host: web\ntrafficPolicy: {outlierDetection: {${outlier}}}`;

runCases([
  {
    name: 'of three endpoints 10 % is none',
    yaml: hashed(policy('consecutive5xxErrors: 3')),
    finds: ['SLC0401 spec.trafficPolicy.outlierDetection'],
    says: /one of 3 is more than 10 %, the default/,
    hint: /34 or more/,
  },
  {
    name: 'of three endpoints 30 % is none',
    yaml: hashed(policy('maxEjectionPercent: 30')),
    finds: ['SLC0401 spec.trafficPolicy.outlierDetection.maxEjectionPercent'],
  },
  {
    name: 'a subset has fewer endpoints',
    yaml:
      pods(4) +
      document(
        'DestinationRule',
        'web',
        `${policy('maxEjectionPercent: 25')}\nsubsets:\n- name: v1\n  labels: {version: v1}\n` +
          '  trafficPolicy: {outlierDetection: {maxEjectionPercent: 24}}',
      ),
    finds: ['SLC0401 spec.subsets[0].trafficPolicy.outlierDetection.maxEjectionPercent'],
  },
  {
    name: 'no detector is on',
    yaml: hashed(policy('consecutive5xxErrors: 0, maxEjectionPercent: 10')),
    finds: ['SLC0401 spec.trafficPolicy.outlierDetection.consecutive5xxErrors'],
    says: /no endpoint is ever ejected: consecutive5xxErrors is 0, and nothing else is counted/,
    hint: /consecutive5xxErrors or consecutiveGatewayErrors/,
  },
  {
    name: 'one other detector is on',
    yaml: hashed(
      policy('consecutive5xxErrors: 0, consecutiveGatewayErrors: 3, maxEjectionPercent: 50'),
    ),
    finds: [],
  },
  {
    name: 'failures to connect are counted apart',
    yaml: hashed(
      policy(
        'consecutive5xxErrors: 0, splitExternalLocalOriginErrors: true, maxEjectionPercent: 50',
      ),
    ),
    finds: [],
  },
  { name: '34 % is enough', yaml: hashed(policy('maxEjectionPercent: 34')), finds: [] },
  {
    name: 'where the endpoints are not known nothing is said',
    yaml: document('DestinationRule', 'web', policy('maxEjectionPercent: 1')),
    finds: [],
  },
]);

const abort = 'fault: {abort: {percentage: {value: 50}, httpStatus: 503}}';

runCases([
  {
    name: 'an injected abort is not tried again',
    yaml: rules(`${toWeb}, retries: {attempts: 3}, ${abort}`),
    finds: ['SLC0402 spec.http[0].fault.abort'],
  },
  {
    name: 'with the annotation it is',
    yaml: withAnnotation(
      rules(`${toWeb}, retries: {attempts: 3}, ${abort}`),
      'sluice.dev/fault-in-attempt',
    ),
    finds: [],
  },
  {
    name: 'a fault without retries',
    yaml: rules(
      `${uri('exact', '/a')}, ${toWeb}, ${abort}`,
      `${toWeb}, retries: {attempts: 0}, ${abort}`,
    ),
    finds: [],
  },
  {
    name: 'a try may last as long as all tries',
    yaml: rules(`${toWeb}, timeout: 2s, retries: {attempts: 3, perTryTimeout: 2s}`),
    finds: ['SLC0403 spec.http[0].retries.perTryTimeout'],
  },
  {
    name: 'not all tries fit',
    yaml: rules(`${toWeb}, timeout: 5s, retries: {attempts: 3, perTryTimeout: 2s}`),
    finds: ['SLC0404 spec.http[0].retries.perTryTimeout'],
    says: /of 4 tries of 2s only 2 fit into the timeout of 5s/,
    hint: /attempts to 1, or the timeout to 8s/,
  },
  {
    name: 'all tries fit',
    yaml: rules(`${toWeb}, timeout: 8s, retries: {attempts: 3, perTryTimeout: 2s}`),
    finds: [],
  },
  {
    name: 'without a timeout nothing ends them',
    yaml: rules(`${toWeb}, retries: {attempts: 3, perTryTimeout: 2s}`),
    finds: [],
  },
]);

const byHeader = 'trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}';
const subsets = 'subsets: [{name: a, labels: {v: a}}, {name: b, labels: {v: b}}]';
const hashRule = hashed(`host: web\n${byHeader}\n${subsets}`);
const to = (subset: string, weight: number) =>
  `{destination: {host: web, subset: ${subset}}, weight: ${weight}}`;
const split = rules(`route: [${to('a', 90)}, ${to('b', 10)}]`);

runCases([
  {
    name: 'weights are drawn before the hash',
    yaml: `${hashRule}---\n${split}`,
    finds: ['SLC0405 spec.http[0].route'],
    hint: /sluice.dev\/sticky-weights/,
  },
  {
    name: 'with sticky weights they are not',
    yaml: `${hashRule}---\n${withAnnotation(split, 'sluice.dev/sticky-weights')}`,
    finds: [],
  },
  {
    name: 'one destination has it all',
    yaml: `${hashRule}---\n${rules(`route: [${to('a', 100)}, ${to('b', 0)}]`)}`,
    finds: [],
  },
  {
    name: 'a copy for the destination itself',
    yaml: rules(`route: [${to('a', 1)}], mirror: {host: web, subset: a}`),
    finds: ['SLC0410 spec.http[0].mirror'],
  },
  {
    name: 'a copy for a version that has no requests yet',
    yaml: rules(`route: [${to('a', 100)}, ${to('b', 0)}], mirror: {host: web, subset: b}`),
    finds: [],
  },
  {
    name: 'a copy for a version that has some of the requests',
    yaml: rules(`route: [${to('a', 95)}, ${to('b', 5)}], mirror: {host: web, subset: b}`),
    finds: ['SLC0410 spec.http[0].mirror'],
    says: /copies go to subset b of web.*, where 5 % of the requests go themselves/,
  },
  {
    name: 'the only destination has all requests, whatever its weight',
    yaml: rules(`route: [${to('a', 0)}], mirror: {host: web, subset: a}`),
    finds: ['SLC0410 spec.http[0].mirror'],
    says: /where the requests go themselves/,
  },
  {
    name: 'one of several copies',
    yaml: rules(
      `route: [${to('a', 1)}], mirrors: [{destination: {host: web, subset: b}}, ` +
        '{destination: {host: web.default.svc.cluster.local, subset: a}}]',
    ),
    finds: ['SLC0410 spec.http[0].mirrors[1].destination'],
  },
]);

runCases([
  {
    name: 'a shorter prefix hides a longer one',
    yaml: rules(`${uri('prefix', '/a/')}, ${toWeb}`, `${uri('prefix', '/a/b/')}, ${toOther}`),
    finds: ['SLC0407 spec.http[1].match[0]'],
    says: /prefix "\/a\/" of http\[0\] \(test\.yaml:\d+\) has all of them/,
  },
  {
    name: 'a prefix hides a pattern that begins with it, and an exact path',
    yaml: rules(
      `${uri('prefix', '/a/')}, ${toWeb}`,
      `${uri('regex', '^/a/v[0-9]+/.*')}, ${toOther}`,
      `${uri('exact', '/a/b')}, ${toOther}`,
    ),
    finds: ['SLC0407 spec.http[1].match[0]', 'SLC0407 spec.http[2].match[0]'],
  },
  {
    name: 'a pattern hides what it matches',
    yaml: rules(
      `${uri('regex', '/a/.*')}, ${toWeb}`,
      `${uri('exact', '/a/b')}, ${toOther}`,
      `${uri('prefix', '/a/c/')}, ${toOther}`,
      `${uri('prefix', '/b/')}, ${toOther}`,
    ),
    finds: ['SLC0407 spec.http[1].match[0]', 'SLC0407 spec.http[2].match[0]'],
  },
  {
    name: 'fewer headers hide more of them',
    yaml: rules(
      `match: [{uri: {prefix: /a/}, headers: {x: {exact: '1'}}}], ${toWeb}`,
      `match: [{uri: {prefix: /a/b/}, headers: {x: {exact: '1'}, y: {}}}], ${toOther}`,
      `match: [{uri: {prefix: /a/b/}, headers: {y: {}}}], ${toOther}`,
    ),
    finds: ['SLC0407 spec.http[1].match[0]'],
  },
  {
    name: 'other clients, ports, methods, parameters and cases are others',
    yaml: rules(
      `match: [{uri: {prefix: /a/}, sourceLabels: {app: client}}], ${toWeb}`,
      `match: [{uri: {prefix: /a/}, port: 8080}], ${toWeb}`,
      `match: [{uri: {prefix: /a/}, method: {exact: GET}}], ${toWeb}`,
      `match: [{uri: {prefix: /a/}, queryParams: {q: {exact: x}}}], ${toWeb}`,
      `match: [{uri: {prefix: /A/}}], ${toWeb}`,
      `match: [{uri: {prefix: /a/b/}, withoutHeaders: {x: {}}}], ${toOther}`,
      `match: [{uri: {prefix: /a/b/}, ignoreUriCase: true}], ${toOther}`,
    ),
    finds: [],
  },
  {
    name: 'alternatives of a pattern are no prefix',
    yaml: rules(
      `${uri('prefix', '/a/')}, ${toWeb}`,
      `${uri('regex', '/a/x|/b/.*')}, ${toOther}`,
      `${uri('regex', '/a?/x')}, ${toOther}`,
    ),
    finds: [],
  },
  {
    name: 'a match for everything first',
    yaml: rules(
      `${uri('prefix', '/')}, ${toWeb}`,
      `${uri('prefix', '/a/')}, ${toOther}`,
      `${uri('prefix', '/b/')}, ${toOther}`,
    ),
    finds: ['SLC0411 spec.http[0].match[0]'],
    says: /the 2 rules after it are never reached, from http\[1\] on/,
  },
  {
    name: 'at the end it is right',
    yaml: rules(`${uri('prefix', '/a/')}, ${toOther}`, `${uri('prefix', '/')}, ${toWeb}`),
    finds: [],
  },
]);

runCases([
  {
    name: 'of two rules for everything on one host the second is lost',
    yaml: `${onGateway('one', toWeb)}---\n${onGateway('two', toOther)}`,
    finds: ['SLC0406 spec.http[0]'],
    says: /a\.test on Gateway default\/gw .*the rule for everything of VirtualService default\/one/,
  },
  {
    name: 'rules for everything go behind the others',
    yaml: `${onGateway('one', toWeb)}---\n${onGateway('two', `${uri('prefix', '/a/')}, ${toOther}`)}`,
    finds: [],
  },
  {
    name: 'a prefix of an earlier resource hides one of a later',
    yaml: [
      onGateway('one', `${uri('prefix', '/a/')}, ${toWeb}`),
      onGateway('two', `${uri('prefix', '/a/b/')}, ${toOther}`, toOther),
    ].join('---\n'),
    finds: ['SLC0406 spec.http[0].match[0]'],
  },
]);

runCases([
  {
    name: 'a prefix of a longer word',
    yaml: rules(`${uri('prefix', '/foobar')}, ${toOther}`, `${uri('prefix', '/foo')}, ${toWeb}`),
    finds: ['SLC0408 spec.http[0].match[0].uri.prefix', 'SLC0408 spec.http[1].match[0].uri.prefix'],
  },
  {
    name: 'the longer word is named where there is one',
    yaml: rules(`${uri('exact', '/foobar')}, ${toOther}`, `${uri('prefix', '/foo')}, ${toWeb}`),
    finds: ['SLC0408 spec.http[1].match[0].uri.prefix'],
    says: /such as "\/foobar" of http\[0\]/,
    hint: /exact "\/foo" and prefix "\/foo\/"/,
  },
  {
    name: 'prefixes that end where a word ends, or within one on purpose',
    yaml: rules(`match: [{uri: {prefix: /a/}}, {uri: {prefix: /img-}}], ${toWeb}`),
    finds: [],
  },
]);

const pattern = (text: string) => rules(`${uri('regex', text)}, ${toWeb}`);
const never = ['SLC0409 spec.http[0].match[0].uri.regex'];

runCases([
  { name: 'no path begins with a letter', yaml: pattern('products.*'), finds: never },
  { name: 'nor with a class of letters', yaml: pattern('[a-z]+/x'), finds: never },
  { name: 'one of two alternatives', yaml: pattern('/a/.*|b/.*'), finds: never, says: /part "b/ },
  { name: 'no path has a query', yaml: pattern('/a\\?id=.*'), finds: never, hint: /queryParams/ },
  { name: 'nothing follows the end', yaml: pattern('/a$/b'), finds: never },
  {
    name: 'a word alone',
    yaml: pattern('^/products'),
    finds: never,
    hint: /write "\/products\.\*"/,
  },
  ...[
    '^/foo$',
    '/foo$',
    '/a/.*',
    '.*',
    '^/v[12]/.*$',
    '.+/x',
    '(/a|/b)/.*',
    '[^.]*',
    '/a/?',
    '\\/a',
    '/a\\.js',
  ].map((text) => ({ name: `${text} may match`, yaml: pattern(text), finds: [] })),
  {
    name: 'methods in lower case',
    yaml: rules(`match: [{method: {regex: 'get|post'}}], ${toWeb}`, toOther),
    finds: ['SLC0409 spec.http[0].match[0].method.regex'],
  },
  {
    name: 'a cookie among others',
    yaml: rules(`match: [{headers: {cookie: {regex: 'user=jason'}}}], ${toWeb}`, toOther),
    finds: ['SLC0409 spec.http[0].match[0].headers.cookie.regex'],
    hint: /"\.\*user=jason\.\*"/,
  },
  {
    name: 'a cookie wherever it stands',
    yaml: rules(
      `match: [{headers: {cookie: {regex: '^(.*?; ?)?(user=jason)(;.*)?$'}}}], ${toWeb}`,
      toOther,
    ),
    finds: [],
  },
  {
    name: 'a cookie after a semicolon without the blank that clients write',
    yaml: rules(
      `match: [{headers: {cookie: {regex: '^(.*?;)?(user=jason)(;.*)?$'}}}], ${toWeb}`,
      toOther,
    ),
    finds: ['SLC0409 spec.http[0].match[0].headers.cookie.regex'],
    says: /misses user=jason after another cookie/,
  },
]);

const matching = (condition: string) => rules(`match: [{${condition}}], ${toWeb}`, toOther);

runCases([
  {
    name: 'a method in lower case',
    yaml: matching('method: {exact: get}'),
    finds: ['SLC0413 spec.http[0].match[0].method.exact'],
    hint: /"GET"/,
  },
  {
    name: 'a host with capital letters',
    yaml: matching('authority: {prefix: Web.test}'),
    finds: ['SLC0413 spec.http[0].match[0].authority.prefix'],
    hint: /"web\.test"/,
  },
  {
    name: 'a header with capital letters',
    yaml: matching('headers: {X-User: {exact: Jason}}'),
    finds: ['SLC0412 spec.http[0].match[0].headers.X-User'],
    says: /^header names are compared in lower case; this is "x-user"$/,
    hint: /"x-user"/,
  },
  {
    name: 'a method in lower case that is to be left out',
    yaml: matching('withoutHeaders: {":method": {exact: get}}'),
    finds: ['SLC0413 spec.http[0].match[0].withoutHeaders[":method"].exact'],
    says: /"get" excludes nothing/,
  },
  {
    name: 'what is sent so',
    yaml: matching('method: {exact: GET}, scheme: {exact: https}, headers: {x-user: {exact: A}}'),
    finds: [],
  },
]);

const rewrite = (prefix: string, target: string) =>
  `match: [{uri: {prefix: '${prefix}'}}], rewrite: {uri: '${target}'}, ${toWeb}`;

runCases([
  {
    name: 'a slash remains before a slash',
    yaml: rules(rewrite('/foo-', '/'), rewrite('/foo_', '/x/')),
    finds: ['SLC0415 spec.http[0].rewrite.uri', 'SLC0415 spec.http[1].rewrite.uri'],
    says: /"\/foo-\/x" becomes "\/\/x"/,
  },
  {
    name: 'a slash is lost',
    yaml: rules(rewrite('/foo/', '/bar')),
    finds: ['SLC0415 spec.http[0].rewrite.uri'],
    says: /"\/foo\/x" becomes "\/barx"/,
    hint: /"\/bar\/"/,
  },
  {
    name: 'both end with a slash, or the longer prefix goes first',
    yaml: rules(
      rewrite('/foo/', '/'),
      `match: [{uri: {prefix: /a_/}}, {uri: {prefix: /a_}}], rewrite: {uri: /}, ${toWeb}`,
    ),
    finds: [],
  },
]);

t.test('a check tells the place in the file', async (t) => {
  const [finding] = check(matching('method: {exact: get}'));
  t.match(finding, {
    severity: 'warning',
    file: 'test.yaml',
    line: 7,
    resource: 'VirtualService default/web',
  });
});
