/** Facts of the tests of Gateway and of its listeners. */

import type { ConditionFact, TestFacts } from './facts.ts';
import { infraNamespace, type Manifest } from './manifests.ts';

const http = { Request: { Host: 'example.org', Path: '/' }, Backend: 'infra-backend-v1' };
const second = { Request: { Host: 'second-example.org', Path: '/' }, Backend: 'infra-backend-v2' };
const clientSecret = 'tls-validity-checks-client-certificate';
const perPortSecret = 'tls-validity-checks-per-port-client-certificate';
const httpRoute = ['HTTPRoute'];
const noAuthority = 'Accepted=False NoValidCACertificate';

function listener(gateway: string, part: string, is: readonly string[]): ConditionFact {
  return { of: `Gateway ${gateway}`, part, is };
}

/** The certificate of its listener, by the reason why it cannot be used. */
function unusableCertificate(gateway: string, reason: string): ConditionFact {
  const is = [`ResolvedRefs=False ${reason}`];
  return { ...listener(gateway, 'https', is), kinds: httpRoute, attached: 0 };
}

function usableCertificate(gateway: string): ConditionFact {
  const is = ['Programmed=True Programmed', 'ResolvedRefs=True'];
  return { ...listener(gateway, 'https', is), kinds: httpRoute, attached: 0 };
}

function unusableClientCertificate(name: string, reason: string): readonly ConditionFact[] {
  const is = [`ResolvedRefs=False ${reason}`, 'Accepted=True Accepted'];
  return [{ of: `Gateway gateway-client-certificate-${name}`, is }];
}

const works = ['Accepted=True', 'ResolvedRefs=True'];

/** A listener is added to one Gateway, and one of another is taken away. */
function modifyListeners(manifests: readonly Manifest[]): Manifest[] {
  return manifests.map((manifest) => {
    const spec = manifest.spec as { readonly listeners: readonly { readonly name: string }[] };
    const added = {
      name: 'http',
      port: 80,
      protocol: 'HTTP',
      hostname: 'data.test.com',
      allowedRoutes: { namespaces: { from: 'All' } },
    };
    switch (manifest.metadata.name) {
      case 'gateway-add-listener':
        return { ...manifest, spec: { ...spec, listeners: [...spec.listeners, added] } };
      case 'gateway-remove-listener': {
        const listeners = spec.listeners.filter(({ name }) => name === 'http');
        return { ...manifest, spec: { ...spec, listeners } };
      }
      default:
        return manifest;
    }
  });
}

export const gatewayFacts: Readonly<Record<string, TestFacts>> = {
  GatewayHTTPListenerIsolation: {
    gateways: ['http-listener-isolation', 'http-listener-isolation-with-hostname-intersection'],
  },
  GatewayInfrastructure: { notPlayed: 'needs a cluster: labels of what a Gateway deploys' },
  GatewayStaticAddresses: { notPlayed: 'needs a cluster: addresses of a Gateway' },
  GatewayOptionalAddressValue: { notPlayed: 'needs a cluster: addresses of a Gateway' },
  GatewayFrontendInvalidDefaultClientCertificateValidation: {
    at: [{ port: 80 }, { port: 443, serverName: 'example.org', fails: true }],
    conditions: [
      listener('invalid-default-client-validation-config', 'http', [...works, 'Programmed=True']),
      listener('invalid-default-client-validation-config', 'https', [
        'ResolvedRefs=False InvalidCACertificateRef',
        noAuthority,
        'Programmed=False',
      ]),
    ],
  },
  GatewayFrontendClientCertificateValidation: {
    at: [
      { port: 443, serverName: 'example.org', clientSecret },
      { port: 443, serverName: 'example.org', clientSecret: perPortSecret, fails: true },
      { port: 8443, serverName: 'second-example.org', clientSecret: perPortSecret },
      { port: 8443, serverName: 'second-example.org', clientSecret, fails: true },
    ],
  },
  GatewayFrontendClientCertificateValidationInsecureFallback: {
    cases: [
      ...[{ clientSecret }, { clientSecret: perPortSecret }, {}].map((client) => ({
        ...http,
        at: { port: 443, serverName: 'example.org', ...client },
      })),
      ...[{ clientSecret }, { clientSecret: perPortSecret }, {}].map((client) => ({
        ...second,
        at: { port: 8443, serverName: 'second-example.org', ...client },
      })),
    ],
    conditions: [
      {
        of: 'Gateway client-validation-insecure-fallback',
        is: ['InsecureFrontendValidationMode=True ConfigurationChanged'],
      },
    ],
  },
  GatewayInvalidFrontendClientCertificateValidation: {
    conditions: [
      ['https', ...works, 'Programmed=True'],
      ['https-unresolved', 'ResolvedRefs=False InvalidCACertificateRef', noAuthority],
      ['https-invalid-kind', 'ResolvedRefs=False InvalidCACertificateKind', noAuthority],
      ['https-grant-missing', 'ResolvedRefs=False RefNotPermitted', noAuthority],
    ].map(([name = '', ...is]) =>
      listener('gateway-with-invalid-client-cert-validation', name, is),
    ),
  },
  GatewayListenerUnsupportedProtocol: {
    conditions: [
      {
        of: 'Gateway gateway-only-unsupported-protocols',
        is: ['Accepted=False ListenersNotValid'],
      },
      {
        of: 'Gateway gateway-supported-and-unsupported-protocols',
        is: ['Accepted=True ListenersNotValid'],
      },
      {
        ...listener('gateway-supported-and-unsupported-protocols', 'http', [
          'Accepted=True Accepted',
        ]),
        kinds: httpRoute,
      },
      ...['only', 'supported-and'].map((name) => ({
        ...listener(`gateway-${name}-unsupported-protocols`, 'invalid', [
          'Accepted=False UnsupportedProtocol',
        ]),
        kinds: [],
      })),
    ],
  },
  GatewayInvalidParametersRef: {
    conditions: [
      { of: 'Gateway gateway-invalid-parameters-ref', is: ['Accepted=False InvalidParameters'] },
    ],
  },
  GatewayInvalidRouteKind: {
    conditions: [
      {
        ...listener('gateway-only-invalid-route-kind', 'http', [
          'ResolvedRefs=False InvalidRouteKinds',
        ]),
        kinds: [],
        attached: 0,
      },
      {
        ...listener('gateway-supported-and-invalid-route-kind', 'http', [
          'ResolvedRefs=False InvalidRouteKinds',
        ]),
        kinds: httpRoute,
        attached: 0,
      },
    ],
  },
  GatewayInvalidTLSBackendConfiguration: {
    conditions: [
      ...unusableClientCertificate('nonexistent-secret', 'InvalidClientCertificateRef'),
      ...unusableClientCertificate('unsupported-group', 'InvalidClientCertificateRef'),
      ...unusableClientCertificate('unsupported-kind', 'InvalidClientCertificateRef'),
      ...unusableClientCertificate('malformed-secret', 'InvalidClientCertificateRef'),
      ...unusableClientCertificate('missing-reference-grant', 'RefNotPermitted'),
    ],
  },
  GatewayInvalidTLSConfiguration: {
    conditions: [
      'nonexistent-secret',
      'unsupported-group',
      'unsupported-kind',
      'malformed-secret',
    ].map((name) => unusableCertificate(`gateway-certificate-${name}`, 'InvalidCertificateRef')),
  },
  GatewayModifyListeners: {
    edit: modifyListeners,
    conditions: [
      { ...listener('gateway-add-listener', 'https', works), kinds: httpRoute, attached: 1 },
      { ...listener('gateway-add-listener', 'http', works), kinds: httpRoute, attached: 1 },
      { ...listener('gateway-remove-listener', 'http', works), kinds: httpRoute, attached: 1 },
    ],
  },
  GatewayNameMaximumLength: {
    conditions: [
      {
        of: `Gateway ${'gateway-name-maximum-length-'.padEnd(253, 'a')}`,
        is: ['Accepted', 'Programmed'],
      },
    ],
  },
  GatewaySecretInvalidReferenceGrant: {
    conditions: [unusableCertificate('gateway-secret-invalid-reference-grant', 'RefNotPermitted')],
  },
  GatewaySecretMissingReferenceGrant: {
    conditions: [unusableCertificate('gateway-secret-missing-reference-grant', 'RefNotPermitted')],
  },
  GatewaySecretReferenceGrantAllInNamespace: {
    conditions: [usableCertificate('gateway-secret-reference-grant-all-in-namespace')],
  },
  GatewaySecretReferenceGrantSpecific: {
    conditions: [usableCertificate('gateway-secret-reference-grant-specific')],
  },
  GatewayWithAttachedRoutes: {
    conditions: [
      {
        ...listener('gateway-with-one-attached-route', 'http', works),
        kinds: httpRoute,
        attached: 1,
      },
      {
        ...listener('gateway-with-two-attached-routes', 'http', works),
        kinds: httpRoute,
        attached: 2,
      },
      {
        ...listener('unresolved-gateway-with-one-attached-unresolved-route', 'tls', [
          'Programmed=False',
          'ResolvedRefs=False',
        ]),
        kinds: httpRoute,
        attached: 1,
      },
      {
        of: `HTTPRoute ${infraNamespace}/http-route-not-accepted`,
        part: 'gateway-with-two-attached-routes',
        is: ['Accepted=False NoMatchingListenerHostname'],
      },
      {
        of: 'HTTPRoute http-route-4',
        part: 'unresolved-gateway-with-one-attached-unresolved-route',
        is: ['Accepted=True', 'ResolvedRefs=False BackendNotFound'],
      },
    ],
  },
};
