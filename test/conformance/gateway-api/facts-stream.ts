/** Facts of the tests of TLSRoute and TCPRoute. */

import type { Place, PlacedCase } from './expectations.ts';
import type { ConditionFact, TestFacts } from './facts.ts';
import { infraNamespace, type Manifest } from './manifests.ts';

const webBackend = 'gateway-conformance-web-backend';

function tcp(Backend: string, port: number, Namespace = infraNamespace): PlacedCase {
  return { Backend, Namespace, at: { as: 'tcp', port } };
}

/** Bytes by TLS; `sni`: it is the backend that ends TLS. */
function tls(Backend: string, place: Place): PlacedCase {
  return { Backend, Namespace: infraNamespace, at: { as: 'tcp', ...place } };
}

function refused(serverName: string, gateway: string): PlacedCase {
  return { Request: { Host: serverName }, at: { gateway, serverName, fails: true } };
}

function tlsRoute(name: string, part: string, is: readonly string[]): ConditionFact {
  return { of: `TLSRoute ${name}`, part, is };
}

function tcpRoute(name: string, part: string, is: readonly string[]): ConditionFact {
  return { of: `TCPRoute ${name}`, part, is };
}

function noRoutes(gateway: string, part: string): ConditionFact {
  return { of: `Gateway ${gateway}`, part, is: [], attached: 0 };
}

const exact = 'gw-tlsroute-exact-hostname-x-1';
const moreSpecific = 'gw-tlsroute-more-specific-wc-hostname-x-2';
const lessSpecific = 'gw-tlsroute-less-specific-wc-hostname-x-3';
const empty = 'gw-tlsroute-empty-hostname-x-4';
const attach = 'tcp-multi-route-attach-gateway';
const mixed = 'gateway-tlsroute-mixed-termination';
const supported = 'not played where the feature is supported';

/** A second route of the same listener, which is younger. */
function addNewerRoute(manifests: readonly Manifest[]): Manifest[] {
  const newer: Manifest = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'TCPRoute',
    metadata: { name: 'tcproute-attach-newer', namespace: infraNamespace, ...created },
    spec: {
      parentRefs: [{ name: attach, sectionName: 'tcp' }],
      rules: [{ backendRefs: [{ name: 'tcp-attach-backend-2', port: 3000 }] }],
    },
  };
  return [...manifests, newer];
}

const created = { creationTimestamp: '2026-01-01T00:00:00Z' };

export const streamFacts: Readonly<Record<string, TestFacts>> = {
  TCPRouteInvalidBackendRefNonexistent: {
    conditions: [
      tcpRoute('tcp-route-invalid-backend-ref-nonexistent', 'tcp-gateway-invalid-backend', [
        'ResolvedRefs=False BackendNotFound',
      ]),
    ],
  },
  TCPRouteInvalidCrossNamespaceBackendRef: {
    conditions: [
      tcpRoute(
        'tcp-invalid-cross-namespace-backend-ref',
        'tcp-invalid-cross-namespace-backend-ref-gateway',
        ['Accepted=True', 'ResolvedRefs=False RefNotPermitted'],
      ),
    ],
  },
  TCPRouteInvalidNonTCPListener: {
    conditions: [
      tcpRoute('tcp-route', 'tcp-mixed-protocol-gateway', ['Accepted=False NotAllowedByListeners']),
      noRoutes('tcp-mixed-protocol-gateway', 'only-allow-http-routes'),
    ],
  },
  TCPRouteMultipleRoutesAttachment: {
    edit: addNewerRoute,
    cases: [tcp('tcp-attach-backend-1', 9310), tcp('tcp-attach-backend-1', 9310)],
    conditions: [
      tcpRoute('tcproute-attach-older', attach, ['Accepted=True Accepted']),
      tcpRoute('tcproute-attach-newer', attach, ['Accepted=True Accepted']),
      {
        of: `Gateway ${attach}`,
        part: 'tcp',
        is: ['Accepted=True Accepted'],
        kinds: ['TCPRoute'],
        attached: 2,
      },
    ],
  },
  TCPRouteParentRefAttachAll: {
    cases: [9310, 9311, 9312, 9313].map((port) => tcp('tcp-echo-attach-all', port)),
  },
  TCPRouteParentRefPortAndSectionName: {
    cases: [tcp('tcp-echo-one', 9300), tcp('tcp-echo-two', 9301), tcp('tcp-echo-three', 9302)],
  },
  TCPRouteReferenceGrant: { cases: [tcp('tcp-reference-grant-backend', 9320, webBackend)] },
  TCPRouteWeightedRouting: {
    cases: [
      {
        ...tcp('tcp-backend-v', 9300),
        at: { as: 'tcp', port: 9300, shares: { 'tcp-backend-v1': 70, 'tcp-backend-v2': 30 } },
      },
    ],
  },
  TLSRouteHostnameIntersection: {
    at: [exact, moreSpecific, moreSpecific, lessSpecific, lessSpecific, empty, empty].map(
      (gateway) => ({ gateway }),
    ),
    more: [
      refused('non.matching.com', exact),
      refused('non.matching.com', moreSpecific),
      refused('non.matching.com', lessSpecific),
      refused('non.matching.org', empty),
    ],
  },
  TLSRouteInvalidBackendRefNonexistent: {
    conditions: [
      tlsRoute(
        'invalid-backend-ref-nonexistent',
        'gateway-tlsroute-invalid-backend-ref-nonexistent',
        ['Accepted=True', 'ResolvedRefs=False BackendNotFound'],
      ),
    ],
  },
  TLSRouteInvalidBackendRefUnknownKind: {
    conditions: [
      tlsRoute(
        'invalid-backend-ref-unknown-kind',
        'gateway-tlsroute-invalid-backend-ref-unknown-kind',
        ['Accepted=True', 'ResolvedRefs=False InvalidKind'],
      ),
    ],
  },
  TLSRouteInvalidNoMatchingListener: {
    conditions: [
      tlsRoute('tlsroute-not-allowed-protocol-http', 'gateway-tlsroute-http-only', [
        'Accepted=False NotAllowedByListeners',
      ]),
      tlsRoute('tlsroute-not-allowed-protocol-https', 'gateway-tlsroute-https-only', [
        'Accepted=False NotAllowedByListeners',
      ]),
      tlsRoute('tlsroute-no-matching-section-name', 'gateway-tlsroute-tls-passthrough-only', [
        'Accepted=False NoMatchingParent',
      ]),
      noRoutes('gateway-tlsroute-http-only', 'http'),
      noRoutes('gateway-tlsroute-https-only', 'https'),
      noRoutes('gateway-tlsroute-tls-passthrough-only', 'tls-passthrough'),
    ],
  },
  TLSRouteInvalidNoMatchingListenerHostname: {
    conditions: ['exact', 'wildcard'].flatMap((name, index) => [
      tlsRoute(`tlsroute-hostname-mismatch-${index + 1}`, `gateway-tls-${name}-hostname`, [
        'Accepted=False NoMatchingListenerHostname',
      ]),
      noRoutes(`gateway-tls-${name}-hostname`, 'tls'),
    ]),
  },
  TLSRouteInvalidReferenceGrant: {
    conditions: [
      tlsRoute('gateway-conformance-infra-test', 'gateway-tlsroute-referencegrant', [
        'ResolvedRefs=False RefNotPermitted',
      ]),
    ],
  },
  TLSRouteListenerMixedTerminationNotSupported: { notPlayed: supported },
  TLSRouteListenerTerminateNotSupported: { notPlayed: supported },
  TLSRouteListenerPassthroughSupportedKinds: {
    conditions: [
      {
        of: 'Gateway gateway-tlsroute-passthrough-supported-kind',
        part: 'tls-passthrough',
        is: ['ResolvedRefs=False InvalidRouteKinds'],
        kinds: ['TLSRoute'],
        attached: 0,
      },
    ],
  },
  TLSRouteListenerTerminateSupportedKinds: {
    conditions: [
      {
        of: 'Gateway gateway-tlsroute-terminate-supported',
        part: 'tls-terminate',
        is: ['Accepted=True Accepted'],
        kinds: ['TLSRoute'],
        attached: 0,
      },
    ],
  },
  TLSRouteMixedTerminationSameNamespace: {
    cases: [
      tls('tcp-backend', { serverName: 'tls.example.com' }),
      tls('tcp-backend', { serverName: 'abc.example.com', sni: 'abc.example.com' }),
    ],
    conditions: ['tls-terminate', 'tls-passthrough'].map((part) => ({
      of: `Gateway ${mixed}`,
      part,
      is: ['Accepted=True Accepted'],
      kinds: ['TLSRoute'],
      attached: 1,
    })),
  },
  TLSRouteSimpleSameNamespace: {
    cases: [tls('tcp-backend', { serverName: 'abc.example.com', sni: 'abc.example.com' })],
  },
  TLSRouteTerminateSimpleSameNamespace: {
    cases: [tls('tcp-backend', { serverName: 'tls.example.com' })],
  },
};
