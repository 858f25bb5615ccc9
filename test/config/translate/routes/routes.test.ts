import t from 'tap';
import {
  forward,
  resource,
  routes,
  service,
  sidecar,
  summaries,
  translate,
} from '../translate-yaml.ts';

const services = service('a') + service('b');

function translateRules(http: string, more = '') {
  return translate(
    services + resource('VirtualService', 'a', `{hosts: [a], http: ${http}}`) + more,
  );
}

/** The matches of the routes of one rule with these `match` entries. */
function matches(match: string) {
  const translation = translateRules(`[{match: [${match}], route: [{destination: {host: a}}]}]`);
  return (routes(translation, 'a') ?? []).map((route) => route.match);
}

/** The action of a rule for everything that has these fields beside its destination. */
function action(fields: string, more = '') {
  return forward(translateRules(`[{route: [{destination: {host: a}}], ${fields}}]`, more));
}

t.test('paths', async (t) => {
  const cases = [
    ['{uri: {exact: /a}}', { kind: 'exact', value: '/a', ignoreCase: false }],
    ['{uri: {prefix: /a}, ignoreUriCase: true}', { kind: 'prefix', value: '/a', ignoreCase: true }],
    [
      '{uri: {regex: /a.*}, ignoreUriCase: true}',
      { kind: 'regex', value: '/a.*', ignoreCase: false },
    ],
    ['{uri: {}}', { kind: 'prefix', value: '/', ignoreCase: false }],
    ['{method: {exact: GET}}', { kind: 'prefix', value: '/', ignoreCase: false }],
  ] as const;
  for (const [match, path] of cases) t.match(matches(match), [{ path }], match);
});

t.test('headers', async (t) => {
  const cases = [
    ['{headers: {X-User: {exact: j}}}', 'x-user', { kind: 'exact', value: 'j' }, false, false],
    ['{headers: {x: {}}}', 'x', { kind: 'present' }, false, false],
    ['{headers: {x: {exact: ""}}}', 'x', { kind: 'exact', value: '' }, false, false],
    ['{withoutHeaders: {x: {exact: a}}}', 'x', { kind: 'exact', value: 'a' }, true, true],
    ['{withoutHeaders: {x: {}}}', 'x', { kind: 'present' }, true, false],
    ['{withoutHeaders: {x: {regex: "*"}}}', 'x', { kind: 'present' }, true, false],
    ['{method: {exact: GET}}', ':method', { kind: 'exact', value: 'GET' }, false, false],
    ['{authority: {prefix: A}}', ':authority', { kind: 'prefix', value: 'A' }, false, false],
    ['{scheme: {regex: h.*}}', ':scheme', { kind: 'regex', value: 'h.*' }, false, false],
  ] as const;
  for (const [text, name, match, invert, treatMissingAsEmpty] of cases) {
    const headers = [{ name, match, invert, treatMissingAsEmpty }];
    t.match(matches(text), [{ headers }], text);
  }
});

t.test('query parameters', async (t) => {
  t.match(matches('{queryParams: {v: {exact: "1"}, u: {}}}'), [
    {
      queryParameters: [
        { name: 'u', match: { kind: 'present' } },
        { name: 'v', match: { kind: 'exact', value: '1' } },
      ],
    },
  ]);
});

t.test('each match is a route; nothing follows one that takes everything', async (t) => {
  const to = (host: string) => `route: [{destination: {host: ${host}}}]`;
  const endings = [
    '[]',
    '[{}]',
    '[{uri: {prefix: /}}]',
    '[{uri: {regex: .*}}]',
    '[{uri: {prefix: /}}, {uri: {exact: /never}}]',
  ];
  for (const ending of endings) {
    const http = `[
      {name: r, match: [{name: m, uri: {exact: /1}}, {uri: {exact: /2}}], ${to('b')}},
      {match: ${ending}, ${to('a')}}, {name: never, ${to('b')}}]`;
    const names = (routes(translateRules(http), 'a') ?? []).map(({ name }) => name);
    t.strictSame(names, ['r.m', 'r', ''], ending);
  }
});

t.test('destinations', async (t) => {
  t.test('a single one gets everything, whatever its weight', async (t) => {
    const http = '[{route: [{destination: {host: a, subset: s, port: {number: 81}}, weight: 0}]}]';
    t.strictSame(summaries(translateRules(http), 'a'), [
      ': prefix / -> outbound|81|s|a.default.svc.cluster.local (1)',
    ]);
  });

  t.test('of several those without weight are dropped', async (t) => {
    const http = `[{route: [{destination: {host: a}, weight: 30},
      {destination: {host: b}, weight: 0}, {destination: {host: c}, weight: 3}]}]`;
    const { clusters } = forward(translateRules(http));
    t.strictSame(
      clusters.map(({ cluster, weight }) => [cluster, weight]),
      [
        ['outbound|80||a.default.svc.cluster.local', 30],
        ['outbound|80||c.default.svc.cluster.local', 3],
      ],
    );
  });
});

t.test('rewrite', async (t) => {
  t.match(action('rewrite: {uri: /n, authority: h}'), { prefixRewrite: '/n', hostRewrite: 'h' });
  t.match(action('rewrite: {uriRegexRewrite: {match: a, rewrite: b}}'), {
    prefixRewrite: null,
    regexRewrite: { pattern: 'a', substitution: 'b' },
  });
  t.match(action('timeout: 1.5s'), { prefixRewrite: null, hostRewrite: null, timeoutMs: 1500 });
});

t.test('who names the authority', async (t) => {
  const destination = '{destination: {host: a}, headers: {request: {set: {Host: d}}}}';
  const cases = [
    [`route: [${destination}]`, 'd'],
    [`route: [${destination}], headers: {request: {add: {":authority": r}}}`, 'r'],
    [`route: [${destination}], rewrite: {authority: w}`, 'w'],
  ] as const;
  for (const [rule, expected] of cases) {
    t.equal(forward(translateRules(`[{${rule}}]`)).hostRewrite, expected, rule);
  }
  const weightedDestination = `{weight: 1, ${destination.slice(1)}`;
  const several = `route: [{destination: {host: b}, weight: 1}, ${weightedDestination}]`;
  const weighted = forward(translateRules(`[{${several}}]`));
  t.equal(weighted.hostRewrite, null);
  t.strictSame(
    weighted.clusters.map(({ hostRewrite }) => hostRewrite),
    [null, 'd'],
  );
});

t.test('header operations', async (t) => {
  const own =
    'headers: {request: {set: {B: "1", a: "2", host: x, e: ""}, add: {c: "3"}, remove: [D]}}';
  const destination =
    '{destination: {host: a}, weight: 1, ' +
    'headers: {request: {set: {a: "4"}}, response: {remove: [r]}}}';

  t.test('those of a single destination follow those of the rule', async (t) => {
    const [route] = routes(translateRules(`[{route: [${destination}], ${own}}]`), 'a') ?? [];
    t.strictSame(route?.requestHeaders, {
      set: [
        { name: 'a', value: '2' },
        { name: 'b', value: '1' },
        { name: 'a', value: '4' },
      ],
      add: [{ name: 'c', value: '3' }],
      remove: ['d'],
    });
    t.strictSame(route?.responseHeaders, { set: [], add: [], remove: ['r'] });
    t.match(route?.action, { clusters: [{ requestHeaders: null, responseHeaders: null }] });
  });

  t.test('those of several destinations stay with them', async (t) => {
    const http = `[{route: [${destination}, {destination: {host: b}, weight: 1}], ${own}}]`;
    const [route] = routes(translateRules(http), 'a') ?? [];
    t.equal(route?.requestHeaders?.set.length, 2);
    t.match(route?.action, {
      clusters: [
        { requestHeaders: { set: [{ name: 'a', value: '4' }] } },
        { requestHeaders: null },
      ],
    });
  });
});

t.test('redirects', async (t) => {
  const cases = [
    ['uri: /n, authority: h', { status: 301, path: '/n', host: 'h', scheme: null, port: null }],
    ['redirectCode: 308, prefixRewrite: /p', { status: 308, prefixRewrite: '/p', path: null }],
    ['port: 8443, scheme: https', { port: 8443, scheme: 'https' }],
    ['port: 443, scheme: https', { port: null }],
    ['port: 80', { port: null }],
    ['port: 443', { port: 443 }],
    ['scheme: https, derivePort: FROM_REQUEST_PORT', { port: 80 }],
    ['uri: /n, derivePort: FROM_REQUEST_PORT', { port: null }],
  ] as const;
  for (const [redirect, expected] of cases) {
    const [route] = routes(translateRules(`[{redirect: {${redirect}}}]`), 'a') ?? [];
    t.match(route?.action, { kind: 'redirect', ...expected }, redirect);
  }
});

t.test('a redirect with another status is left out, and the user is told', async (t) => {
  const translation = translateRules('[{redirect: {uri: /n, redirectCode: 304}}]');
  t.match(summaries(translation, 'a'), [/^default: /]);
  t.match(translation.findings, [{ code: 'SLC0209', path: 'spec.http[0]' }]);
});

t.test('direct responses', async (t) => {
  const cases = [
    ['{status: 418}', { status: 418, body: null }],
    ['{status: 200, body: {string: hi}}', { body: { encoding: 'utf8', data: 'hi' } }],
    ['{status: 200, body: {bytes: aGk=}}', { body: { encoding: 'base64', data: 'aGk=' } }],
  ] as const;
  for (const [response, expected] of cases) {
    const http = `[{directResponse: ${response}, corsPolicy: {allowOrigins: [{exact: x}]}}]`;
    const [route] = routes(translateRules(http), 'a') ?? [];
    t.match(route?.action, { kind: 'direct-response', ...expected }, response);
    t.equal(route?.cors, null);
  }
});

t.test('faults', async (t) => {
  const cases = [
    ['abort: {httpStatus: 500}', null],
    ['abort: {percentage: {value: 50}}', null],
    ['delay: {fixedDelay: 1s}', null],
    [
      'abort: {httpStatus: 500, percentage: {value: 0.1}}',
      { delay: null, abort: { percentage: 1000, httpStatus: 500, grpcStatus: null } },
    ],
    [
      'abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}',
      { abort: { httpStatus: null, grpcStatus: 14 } },
    ],
    [
      'delay: {fixedDelay: 2s, percent: 50}',
      { delay: { percentage: 500_000, fixedDelayMs: 2000 } },
    ],
  ] as const;
  for (const [fault, expected] of cases) {
    const http = `[{route: [{destination: {host: a}}], fault: {${fault}}}]`;
    const [route] = routes(translateRules(http), 'a') ?? [];
    if (expected === null) t.equal(route?.fault, null, fault);
    else t.match(route?.fault, expected, fault);
  }
});

t.test('mirrors', async (t) => {
  const b = 'outbound|80||b.default.svc.cluster.local';
  const cases = [
    ['mirror: {host: b}', [{ cluster: b, percentage: 1_000_000 }]],
    ['mirror: {host: b}, mirrorPercentage: {value: 12.5}', [{ cluster: b, percentage: 125_000 }]],
    ['mirror: {host: b}, mirrorPercentage: {value: 0}', []],
    ['mirror: {host: b}, mirrorPercent: 10', [{ cluster: b, percentage: 100_000 }]],
    [
      'mirrors: [{destination: {host: b}}, {destination: {host: b}, percentage: {value: 1}}]',
      [
        { cluster: b, percentage: 1_000_000 },
        { cluster: b, percentage: 10_000 },
      ],
    ],
  ] as const;
  for (const [fields, expected] of cases) t.strictSame(action(fields).mirrors, expected, fields);
});

t.test('cors', async (t) => {
  const cors = `corsPolicy: {allowOrigins: [{exact: "*"}, {regex: .*b}], allowOrigin: [c],
    allowMethods: [GET, PUT], maxAge: 90s, allowCredentials: true, unmatchedPreflights: IGNORE}`;
  const [route] =
    routes(translateRules(`[{route: [{destination: {host: a}}], ${cors}}]`), 'a') ?? [];
  t.strictSame(route?.cors, {
    allowOrigins: [{ kind: 'present' }, { kind: 'regex', value: '.*b' }],
    allowMethods: 'GET,PUT',
    allowHeaders: null,
    exposeHeaders: null,
    maxAgeSeconds: 90,
    allowCredentials: true,
    forwardUnmatchedPreflights: false,
  });
  const old = `[{route: [{destination: {host: a}}], corsPolicy: {allowOrigin: [c]}}]`;
  t.match(routes(translateRules(old), 'a')?.[0]?.cors, {
    allowOrigins: [{ kind: 'exact', value: 'c' }],
  });
});

t.test('retries', async (t) => {
  const defaults = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'];
  const cases = [
    ['timeout: 1s', { numRetries: 2, avoidPreviousHosts: true, hostSelectionMaxAttempts: 5 }],
    [
      'retries: {attempts: 3, retryRemoteLocalities: true}',
      { previousPrioritiesUpdateFrequency: 2 },
    ],
    [
      'retries: {attempts: 1, retryRemoteLocalities: false}',
      { previousPrioritiesUpdateFrequency: 0 },
    ],
    ['retries: {attempts: 3}', { numRetries: 3, retryOn: [...defaults, 'retriable-status-codes'] }],
    [
      'retries: {attempts: 1, retryOn: "5xx,reset,503"}',
      { retryOn: ['5xx', 'reset', 'retriable-status-codes'], retriableStatusCodes: [503] },
    ],
    [
      'retries: {attempts: 1, perTryTimeout: 2s, backoff: 10ms}',
      {
        perTryTimeoutMs: 2000,
        backoffBaseMs: 10,
        backoffMaxMs: 100,
      },
    ],
    ['retries: {attempts: 1, retryIgnorePreviousHosts: false}', { avoidPreviousHosts: false }],
  ] as const;
  for (const [fields, expected] of cases) t.match(action(fields).retryPolicy, expected, fields);
  t.equal(action('retries: {}').retryPolicy, null);
  t.equal(action('retries: {attempts: 0}').retryPolicy, null);
});

t.test('hashes', async (t) => {
  const hash = (consistentHash: string) => `{loadBalancer: {consistentHash: ${consistentHash}}}`;
  const rule = (spec: string) => resource('DestinationRule', 'a', `{host: a, ${spec}}`);
  const ofPolicy = (policy: string) => rule(`trafficPolicy: ${policy}`);

  t.test('come from the rule of the destination', async (t) => {
    const cases = [
      ['{httpHeaderName: X-User}', { kind: 'header', name: 'x-user' }],
      ['{useSourceIp: true}', { kind: 'source-ip' }],
      ['{httpQueryParameterName: q}', { kind: 'query-parameter', name: 'q' }],
      [
        '{httpCookie: {name: c, ttl: 60s, path: /p, attributes: [{name: SameSite, value: Lax}]}}',
        {
          kind: 'cookie',
          name: 'c',
          path: '/p',
          ttlSeconds: 60,
          attributes: [{ name: 'SameSite', value: 'Lax' }],
        },
      ],
      ['{httpCookie: {name: c}}', { kind: 'cookie', name: 'c', path: null, ttlSeconds: null }],
    ] as const;
    for (const [consistentHash, expected] of cases) {
      const { hashPolicies } = action('timeout: 1s', ofPolicy(hash(consistentHash)));
      t.match(hashPolicies, [expected], consistentHash);
    }
  });

  t.test('keep retries on the same endpoint, but not of services without rules', async (t) => {
    const policy = ofPolicy(hash('{useSourceIp: true}'));
    t.equal(action('timeout: 1s', policy).retryPolicy?.avoidPreviousHosts, false);
    t.equal(action('retries: {attempts: 1}', policy).retryPolicy?.avoidPreviousHosts, false);
    const plain = forward(translate(services + policy));
    t.strictSame(plain.hashPolicies, [{ kind: 'source-ip' }]);
    t.equal(plain.retryPolicy?.avoidPreviousHosts, true);
  });

  t.test('of destinations without a share are left out', async (t) => {
    const other = resource(
      'DestinationRule',
      'b',
      `{host: b, trafficPolicy: ${hash('{useSourceIp: true}')}}`,
    );
    const rules = (weight: number) => `[{route: [{destination: {host: a}, weight: 1},
      {destination: {host: b}, weight: ${weight}}]}]`;
    t.equal(forward(translateRules(rules(1), other)).hashPolicies.length, 1);
    t.equal(forward(translateRules(rules(0), other)).hashPolicies.length, 0);
  });

  t.test('yield to a mesh whose retries insist on other endpoints', async (t) => {
    const policy = ofPolicy(hash('{useSourceIp: true}'));
    const rules = '{hosts: [a], http: [{route: [{destination: {host: a}}]}]}';
    const yaml = services + policy + resource('VirtualService', 'a', rules);
    const { retryPolicy: defaultHttpRetryPolicy } = action('retries: {attempts: 7}');
    const mesh = { ...sidecar.mesh, defaultHttpRetryPolicy, retriesIgnorePreviousHosts: true };
    const { retryPolicy } = forward(translate(yaml, { ...sidecar, mesh }));
    t.equal(retryPolicy?.avoidPreviousHosts, true);
  });

  t.test('of a port count where the destination names it; those of a subset win', async (t) => {
    const policy = rule(`trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: top}},
      portLevelSettings: [
        {port: {number: 80}, loadBalancer: {consistentHash: {httpHeaderName: port}}}]},
      subsets: [{name: s, trafficPolicy: ${hash('{httpHeaderName: subset}')}}]`);
    const names = (destination: string) =>
      forward(translateRules(`[{route: [{destination: {host: a ${destination}}}]}]`, policy))
        .hashPolicies;
    t.strictSame(names(''), [{ kind: 'header', name: 'top' }]);
    t.strictSame(names(', port: {number: 80}'), [{ kind: 'header', name: 'port' }]);
    t.strictSame(names(', subset: s, port: {number: 80}'), [{ kind: 'header', name: 'subset' }]);
    t.strictSame(forward(translate(services + policy)).hashPolicies, [
      { kind: 'header', name: 'port' },
    ]);
  });
});

t.test('the retry policy of the mesh stands in for rules without one', async (t) => {
  const { retryPolicy } = action('retries: {attempts: 7}');
  const mesh = { ...sidecar.mesh, defaultHttpRetryPolicy: retryPolicy };
  const yaml =
    services +
    resource('VirtualService', 'b', '{hosts: [b], http: [{route: [{destination: {host: b}}]}]}');
  const translation = translate(yaml, { ...sidecar, mesh });
  t.equal(forward(translation, 'a').retryPolicy?.numRetries, 7);
  t.equal(forward(translation, 'b').retryPolicy?.numRetries, 7);
});

t.test('a route tells where it was written', async (t) => {
  const translation = translate(`${services}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a]
  http:
  - match:
    - uri: {exact: /1}
    - uri: {exact: /2}
    route:
    - destination: {host: a}
`);
  const lines = (routes(translation, 'a') ?? []).map(
    ({ origin }) => `${origin.file}:${origin.line}`,
  );
  t.strictSame(lines, ['test.yaml:29', 'test.yaml:30']);
});
