/** Facts of the tests of HTTPRoute and GRPCRoute at Gateways. */

import { caseIdMark, type ExpectedResponse, type Place, type PlacedCase } from './expectations.ts';
import type { ConditionFact, TestFacts } from './facts.ts';

const sameNamespace = 'same-namespace';
const withHttps = 'same-namespace-with-https-listener';

function route(name: string, is: readonly string[], part = sameNamespace): ConditionFact {
  return { of: `HTTPRoute ${name}`, part, is };
}

/** Accepted, though what it names cannot be used. */
function unresolved(name: string, reason: string): ConditionFact {
  return route(name, ['Accepted=True', `ResolvedRefs=False ${reason}`]);
}

function refused(name: string, reason: string, part = sameNamespace): readonly ConditionFact[] {
  const listener = part === sameNamespace ? 'http' : null;
  return [
    route(name, [`Accepted=False ${reason}`], part),
    ...(listener === null ? [] : [{ of: `Gateway ${part}`, part: listener, is: [], attached: 0 }]),
  ];
}

type Retried = readonly [path: string, query: string, Response: ExpectedResponse];

function retried([path, query, Response]: Retried): PlacedCase {
  const Path = `${path}?${query}&uuid=${caseIdMark}`;
  return { Request: { Path }, Response, Backend: 'infra-backend-v3' };
}

const three = '/retry/code-500-attempts-3';
const two = '/retry/code-all-attempts-2';

const retries: readonly Retried[] = [
  [three, 'responseCode=500&succeedAfter=2', { StatusCode: 200 }],
  [three, 'responseCode=500&succeedAfter=4', { StatusCode: 500 }],
  [three, 'responseCode=503&succeedAfter=2', { StatusCode: 503 }],
  ...[500, 502, 503, 504].flatMap((code): readonly Retried[] => [
    [two, `responseCode=${code}&succeedAfter=1`, { StatusCode: 200 }],
    [two, `responseCode=${code}&succeedAfter=3`, { StatusCode: code }],
  ]),
];

const timedRetries: readonly Retried[] = [
  [
    '/retry/backend-request-timeout-200ms',
    'responseCode=500&succeedAfter=2&delayRetry=1s',
    { StatusCode: 200 },
  ],
  [
    '/retry/backend-request-timeout-200ms',
    'responseCode=500&succeedAfter=3&delayRetry=1s',
    { StatusCode: 504 },
  ],
  ['/retry/request-timeout-200ms', 'responseCode=500&succeedAfter=4', { StatusCode: 200 }],
  [
    '/retry/request-timeout-200ms',
    'responseCode=500&succeedAfter=4&delayRetry=100ms',
    { StatusCode: 504 },
  ],
];

const resets = '/retry/no-status-code-attempts-3';

/** Server name, host, status, and the backend of a 200. */
const misdirected: readonly (readonly [string, string, number, string?])[] = [
  ['example.org', 'example.org', 200, 'infra-backend-v1'],
  ['example.org', 'second-example.org', 421],
  ['example.org', 'unknown-example.org', 404],
  ['second-example.org', 'second-example.org', 200, 'infra-backend-v2'],
  ['second-example.org', 'example.org', 421],
  ['second-example.org', 'unknown-example.org', 421],
  ['third-example.wildcard.org', 'third-example.wildcard.org', 200, 'infra-backend-v3'],
  ['third-example.wildcard.org', 'fith-example.wildcard.org', 200, 'infra-backend-v3'],
  ['third-example.wildcard.org', 'fourth-example.wildcard.org', 421],
  ['third-example.wildcard.org', 'second-example.org', 421],
  ['third-example.wildcard.org', 'unknown-example.org', 421],
  ['fourth-example.wildcard.org', 'fourth-example.wildcard.org', 200, 'infra-backend-v1'],
  ['fourth-example.wildcard.org', 'fith-example.wildcard.org', 421],
  ['unknown-example.org', 'example.org', 200, 'infra-backend-v1'],
  ['unknown-example.org', 'unknown-example.org', 404],
];

function byHttps(
  [serverName, Host, StatusCode, Backend]: (typeof misdirected)[number],
  request: { readonly Path: string; readonly Protocol?: string },
): PlacedCase {
  const wanted = { Request: { Host, ...request }, Response: { StatusCode }, at: { serverName } };
  return Backend === undefined ? wanted : { ...wanted, Backend };
}

function repeat(place: Place, times: number): Place[] {
  return Array.from({ length: times }, () => place);
}

/** The rule that matches sets one header. */
const setOnly = {
  ExpectedRequest: { Request: { Headers: { 'X-Header-Set': 'set-overwrites-values' } } },
};

export const httpRouteFacts: Readonly<Record<string, TestFacts>> = {
  GRPCRouteRequestHeaderModifier: {
    and: [
      ...Array.from({ length: 5 }, () => setOnly),
      {
        ExpectedRequest: {
          Request: {
            Headers: {
              'X-Header-Set-1': 'header-set-1',
              'X-Header-Set-2': 'header-set-2',
              'X-Header-Add-1': 'header-add-1',
              'X-Header-Add-2': 'add-header-2,header-add-2',
              'Some-Other-Header': 'another-header-val',
            },
          },
          AbsentHeaders: ['X-Header-Remove-2'],
        },
      },
      {
        ExpectedRequest: {
          Request: {
            Headers: {
              'X-Header-Set-1': 'header-set-1',
              'X-Header-Set-2': 'header-set-2',
              'X-Header-Add-1': 'existing-add-1,header-add-1',
              'X-Header-Add-2': 'header-add-2',
            },
          },
          AbsentHeaders: ['X-Header-Remove-1'],
        },
      },
    ],
  },
  GRPCRouteWeight: {
    at: { shares: { 'grpc-infra-backend-v1': 70, 'grpc-infra-backend-v2': 30 } },
  },
  HTTPRouteBackendProtocolWebSocket: {
    cases: [{ Request: { Path: '/ws' }, at: { as: 'websocket' } }],
  },
  HTTPRouteDisallowedKind: {
    conditions: [
      route(
        'disallowed-kind',
        ['Accepted=False NotAllowedByListeners', 'ResolvedRefs=True'],
        'tlsroutes-only',
      ),
      { of: 'Gateway tlsroutes-only', part: 'tls', is: [], attached: 0 },
    ],
  },
  HTTPRouteHostnameIntersection: {
    at: [
      ...repeat({ gateway: 'httproute-hostname-intersection' }, 27),
      ...repeat({ gateway: 'httproute-hostname-intersection-all' }, 6),
    ],
    conditions: [
      ...refused(
        'no-intersecting-hosts',
        'NoMatchingListenerHostname',
        'httproute-hostname-intersection',
      ),
      ...[2, 1, 1].map((attached, index) => ({
        of: 'Gateway httproute-hostname-intersection',
        part: `listener-${index + 1}`,
        is: ['Accepted=True', 'ResolvedRefs=True'],
        kinds: ['HTTPRoute'],
        attached,
      })),
    ],
  },
  HTTPRouteHTTPSListener: {
    cases: [
      byHttps(['example.org', 'example.org', 200, 'infra-backend-v1'], { Path: '/' }),
      byHttps(['second-example.org', 'second-example.org', 200, 'infra-backend-v2'], { Path: '/' }),
      byHttps(['unknown-example.org', 'unknown-example.org', 404], { Path: '/' }),
    ],
  },
  HTTPRouteHTTPSListenerDetectMisdirectedRequests: {
    cases: misdirected.map((each) =>
      byHttps(each, { Path: '/detect-misdirected-requests', Protocol: 'h2' }),
    ),
  },
  HTTPRouteInvalidBackendRefUnknownKind: {
    conditions: [unresolved('invalid-backend-ref-unknown-kind', 'InvalidKind')],
  },
  HTTPRouteInvalidCrossNamespaceBackendRef: {
    conditions: [unresolved('invalid-cross-namespace-backend-ref', 'RefNotPermitted')],
  },
  HTTPRouteInvalidCrossNamespaceParentRef: {
    conditions: [
      ...refused(
        'gateway-conformance-web-backend/invalid-cross-namespace-parent-ref',
        'NotAllowedByListeners',
      ),
      route('gateway-conformance-web-backend/invalid-cross-namespace-parent-ref', [
        'ResolvedRefs=True',
      ]),
    ],
  },
  HTTPRouteInvalidNonExistentBackendRef: {
    conditions: [unresolved('invalid-nonexistent-backend-ref', 'BackendNotFound')],
  },
  HTTPRouteInvalidParentRefNotMatchingListenerPort: {
    conditions: refused('httproute-listener-not-matching-route-port', 'NoMatchingParent'),
  },
  HTTPRouteInvalidParentRefNotMatchingSectionName: {
    conditions: refused('httproute-listener-not-matching-section-name', 'NoMatchingParent'),
  },
  HTTPRouteInvalidParentRefSectionNameNotMatchingPort: {
    conditions: [
      ...refused(
        'httproute-listener-section-name-not-matching-port',
        'NoMatchingParent',
        'gateway-with-one-not-matching-port-and-section-name-route',
      ),
      {
        of: 'Gateway gateway-with-one-not-matching-port-and-section-name-route',
        part: 'http',
        is: ['Accepted=True'],
        attached: 0,
      },
    ],
  },
  HTTPRouteInvalidReferenceGrant: {
    conditions: [unresolved('reference-grant', 'RefNotPermitted')],
  },
  HTTPRouteListenerPortMatching: {
    at: [80, 8080, 8080, 8090, 8090].map((port) => ({ port })),
  },
  HTTPRouteMultipleGateways: {
    at: [...repeat({ gateway: sameNamespace }, 2), ...repeat({ gateway: 'all-namespaces' }, 2)],
  },
  HTTPRoutePartiallyInvalidViaInvalidReferenceGrant: {
    conditions: [unresolved('invalid-reference-grant', 'RefNotPermitted')],
  },
  HTTPRouteRedirectPortAndScheme: {
    at: [
      ...repeat({ gateway: sameNamespace }, 6),
      ...repeat({ gateway: 'same-namespace-with-http-listener-on-8080' }, 3),
      ...repeat({ gateway: withHttps, serverName: 'example.org' }, 6),
    ],
  },
  HTTPRouteReferenceGrant: { at: [{}, { without: 'ReferenceGrant' }] },
  HTTPRouteRequestHeaderModifierBackendWeights: { at: { namesItsBackend: 'Backend' } },
  HTTPRouteRequestPercentageMirror: {
    and: [20, 50, 35].map((Percent) => ({
      MirroredTo: [{ BackendRef: { Name: 'infra-backend-v2' }, Percent }],
    })),
  },
  HTTPRouteRetry: { cases: retries.map(retried) },
  HTTPRouteRetryConnectionError: {
    cases: [
      [resets, 'responseCode=0&succeedAfter=2', { StatusCode: 200 }] as const,
      [resets, 'responseCode=0&succeedAfter=5', { StatusCodes: [502, 503] }] as const,
    ].map(retried),
  },
  HTTPRouteRetryWithTimeouts: {
    // Back-off is random, and there is not much time for it.
    cases: timedRetries.map((each) => ({ ...retried(each), at: { tries: 10 } })),
  },
  HTTPRouteServiceTypes: {
    cases: ['headless', 'manual-endpointslices', 'headless-manual-endpointslices'].map((name) => ({
      Request: { Path: `/${name}` },
      Backend: 'infra-backend-v1',
    })),
  },
  HTTPRouteWeight: { at: { shares: { 'infra-backend-v1': 70, 'infra-backend-v2': 30 } } },
};
