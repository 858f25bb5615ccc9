import t from 'tap';
import { failuresOf, service, virtualService } from './routing-tests-fixture.ts';

// Each expectation against one rule that has everything, right and wrong.

const rules =
  ['web', 'api', 'copy'].map((name) => service(name)).join('') +
  virtualService(
    'web',
    `
hosts: [web]
http:
- name: old
  match: [{uri: {prefix: /old}}]
  redirect: {uri: /new, authority: new.example, scheme: https, redirectCode: 308}
- name: fixed
  match: [{uri: {exact: /fixed}}]
  directResponse: {status: 418, body: {string: tea}}
- name: broken
  match: [{uri: {exact: /broken}}]
  fault: {abort: {httpStatus: 555, percentage: {value: 100}}}
  route: [{destination: {host: web}}]
- name: regex
  match: [{uri: {prefix: /regex}}]
  rewrite: {uriRegexRewrite: {match: '^/regex/(.*)$', rewrite: '/\\1'}}
  retries: {attempts: 0}
  route: [{destination: {host: api}}]
- name: all
  match: [{uri: {prefix: /all}}]
  rewrite: {uri: /everything, authority: api.example}
  timeout: 1.5s
  retries: {attempts: 4, perTryTimeout: 250ms, retryOn: '5xx,429', backoff: 10ms}
  fault:
    delay: {fixedDelay: 20ms, percentage: {value: 12.5}}
    abort: {httpStatus: 503, percentage: {value: 1}}
  headers:
    request: {set: {X-A: "1"}, add: {x-b: "2"}, remove: [Cookie]}
    response: {set: {x-c: "3"}}
  mirrors:
  - {destination: {host: copy}, percentage: {value: 25}}
  route:
  - destination: {host: web}
    weight: 3
    headers: {request: {set: {x-d: web}}}
  - {destination: {host: api, port: {number: 80}}, weight: 1}
`,
  );

/** What is expected of `/all`, and what is told of it; nothing where it holds. */
const cases: readonly (readonly [expectation: string, ...told: string[]])[] = [
  ['routeName: all'],
  ['routeName: other', 'routeName: other, all'],
  ['virtualService: web'],
  ['virtualService: default/web'],
  ['virtualService: prod/web', 'virtualService: prod/web, default/web'],
  ['route: [{destination: {host: web}}, {destination: {host: api}}]'],
  [
    'route: [{destination: {host: api.default}}, {destination: {host: WEB.default.svc.cluster.local}}]',
  ],
  ['route: [{destination: {host: web}}]', 'route: null, api.default.svc.cluster.local:80'],
  [
    'route: [{destination: {host: web}, weight: 80}, {destination: {host: api}, weight: 20}]',
    'route[0].weight: 80 %, 75 %',
    'route[1].weight: 20 %, 25 %',
  ],
  ['route: [{destination: {host: web}, weight: 75}, {destination: {host: api}, weight: 25}]'],
  [
    'route: [{destination: {host: web, subset: v1}}, {destination: {host: api, port: {number: 81}}}]',
    'route: web subset v1, web.default.svc.cluster.local:80',
    'route: api:81, api.default.svc.cluster.local:80',
  ],
  [
    'route: [{destination: {host: web}, headers: {request: {set: {x-d: api}}}}, {destination: {host: api}}]',
    'route[0].headers.request.set.x-d: api, web',
  ],
  ['rewrite: {uri: /everything}'],
  ['rewrite: {uri: /, authority: api.example}', 'rewrite.uri: /, /everything'],
  ['rewrite: {}', 'rewrite: null, {"uri":"/everything","authority":"api.example"}'],
  ['timeout: 1500ms'],
  ['timeout: 0s', 'timeout: 0s, 1500ms'],
  ['retries: {attempts: 4, perTryTimeout: 0.25s, retryOn: "429,5xx", backoff: 10ms}'],
  ['retries: {attempts: 0}', 'retries.attempts: 0, 4'],
  ['retries: {retryOn: 5xx}', 'retries.retryOn: 5xx, 5xx,retriable-status-codes,429'],
  ['fault: {delay: {fixedDelay: 20ms, percentage: {value: 12.5}}, abort: {httpStatus: 503}}'],
  ['fault: {delay: {fixedDelay: 2s}}', 'fault.delay.fixedDelay: 2s, 20ms'],
  ['fault: {abort: {grpcStatus: UNAVAILABLE}}', 'fault.abort.grpcStatus: UNAVAILABLE, null'],
  ['headers: {request: {set: {x-a: "1"}, remove: [cookie]}, response: {set: {X-C: "3"}}}'],
  [
    'headers: {request: {add: {x-b: "1"}, remove: [x-a]}}',
    'headers.request.add.x-b: 1, 2',
    'headers.request.remove: x-a, cookie',
  ],
  ['mirror: {host: copy}'],
  ['mirror: {host: web}', 'mirror: web, copy.default.svc.cluster.local:80'],
  ['mirrors: []', 'mirrors: null, copy.default.svc.cluster.local:80'],
  ['mirrors: [{destination: {host: copy}, percentage: {value: 25}}]'],
  ['mirrorPercentage: {value: 30}', 'mirrorPercentage.value: 30, 25'],
  ['redirect: {uri: /}', 'redirect.uri: /, null'],
  ['redirect: {}'],
  ['directResponse: {status: 200}', 'directResponse.status: 200, null'],
  ['delegate: {name: web}', 'delegate.name: web, null'],
  ['status: 404', 'status: 404, none, it is sent on'],
  ['location: /', 'location: /, null'],
  ['upstream: {path: "/everything/x?a=b", authority: api.example}'],
  [
    'upstream: {path: /, headers: {x-a: "2"}, absentHeaders: [x-b]}',
    'upstream.path: /, /everything/x?a=b',
    'upstream.headers.x-a: 2, 1',
    'upstream.headers.x-b: null, 2',
  ],
  ['upstream: {headers: {x-d: web}}', 'upstream.headers.x-d: web, null'],
];

t.test('each expectation tells how it differs', async (t) => {
  for (const [expectation, ...told] of cases) {
    const test = `request: {authority: web, uri: "/all/x?a=b"}\n${expectation}`;
    t.same(failuresOf(rules, test), told, expectation);
  }
});

const others: readonly (readonly [uri: string, expectation: string, ...told: string[]])[] = [
  ['/old/a?b', 'redirect: {uri: /new, authority: new.example, redirectCode: 308}\nstatus: 308'],
  ['/old/a?b', 'location: https://new.example/new?b'],
  ['/old', 'redirect: {redirectCode: 301}', 'redirect.redirectCode: 301, 308'],
  ['/fixed', 'directResponse: {status: 418, body: {string: tea}}\nstatus: 418'],
  [
    '/fixed',
    'directResponse: {body: {string: milk}, status: 418}',
    'directResponse.body.string: milk, tea',
  ],
  ['/fixed', 'upstream: {path: /fixed}', 'upstream: a request, null'],
  ['/broken', 'status: 555'],
  [
    '/regex/a/b',
    'retries: {attempts: 0}\nupstream: {path: /a/b}\ntimeout: 0s\nfault: {}\nmirrors: []',
  ],
  ['/regex/a', 'rewrite: {uriRegexRewrite: {match: "^/regex/(.*)$"}}'],
  ['/none', 'status: 404'],
  ['/none', 'routeName: all', 'routeName: all, null'],
  ['/none', 'wantMatch: false'],
  ['/none', 'wantMatch: true', 'no route is found'],
  ['/all', 'wantMatch: false\nrouteName: fixed'],
  ['/all', 'wantMatch: false\nrouteName: all', 'it is as described, and must not be'],
  [
    '/all',
    'wantMatch: false',
    'route "all" of VirtualService default/web (rules.yaml:39) is found',
  ],
];

t.test('redirects, fixed answers, faults, and that nothing is found', async (t) => {
  for (const [uri, expectation, ...told] of others) {
    const test = `request: {authority: web, uri: ${uri}}\n${expectation}`;
    t.same(failuresOf(rules, test), told, `${uri} ${expectation}`);
  }
});

t.test('a destination that no service stands for is still a destination', async (t) => {
  const lonely = virtualService(
    'a',
    'hosts: [a.example]\nhttp: [{route: [{destination: {host: b.example}}]}]',
  );
  const request = 'request: {authority: a.example}\n';
  t.same(failuresOf(lonely, `${request}route: [{destination: {host: b.example}}]`), []);
  t.match(failuresOf(lonely, `${request}upstream: {path: /}`), [/no service has outbound/]);
});
