/** Facts of the tests of BackendTLSPolicy. */

import type { PlacedCase } from './expectations.ts';
import type { ConditionFact, TestFacts } from './facts.ts';

const host = 'abc.example.com';
const tcp = { as: 'tcp', serverName: 'tls.example.com', sni: host } as const;

/** A request that the policy lets through, which asks the backend for `sni`. */
function reaches(path: string, sni = host): PlacedCase {
  return { Request: { Host: host, Path: path }, Backend: 'tls-backend', at: { sni } };
}

/** The certificate of the backend is not the one that the policy wants. */
function isRefused(path: string): PlacedCase {
  return { Request: { Host: host, Path: path }, at: { fails: true } };
}

/** Nothing can be checked by the policy. */
function isBroken(path: string): PlacedCase {
  const Response = { StatusCodes: [500, 502, 503] };
  return { Request: { Host: host, Path: path }, Response };
}

function policy(name: string, ...is: readonly string[]): ConditionFact {
  return { of: `BackendTLSPolicy ${name}`, part: 'same-namespace', is };
}

const accepted = ['Accepted=True Accepted', 'ResolvedRefs=True'];
const noAuthority = 'Accepted=False NoValidCACertificate';

export const backendTlsFacts: Readonly<Record<string, TestFacts>> = {
  BackendTLSPolicy: {
    cases: [
      reaches('/backendtlspolicy'),
      isRefused('/backendtlspolicy-host-mismatch'),
      isRefused('/backendtlspolicy-cert-mismatch'),
      reaches('/backendtlspolicy-reconcile-test'),
    ].map((each) => ({ ...each, at: { ...each.at, gateway: 'same-namespace' } })),
    conditions: ['normative-test', 'host-mismatch', 'cert-mismatch', 'reconcile-test'].map((name) =>
      policy(name, ...accepted),
    ),
  },
  BackendTLSPolicyConflictResolution: {
    cases: [
      reaches('/backendtlspolicy-conflicted-without-section-name', 'other.example.com'),
      reaches('/backendtlspolicy-conflicted-with-section-name', 'other.example.com'),
      reaches('/backendtlspolicy-not-conflicted-with-section-name', 'other.example.com'),
      reaches('/backendtlspolicy-not-conflicted-without-section-name'),
    ],
    conditions: [
      policy('conflicted-without-section-name-1', 'Accepted=True Accepted'),
      policy('conflicted-without-section-name-2', 'Accepted=False Conflicted'),
      policy('conflicted-with-section-name-1', 'Accepted=True Accepted'),
      policy('conflicted-with-section-name-2', 'Accepted=False Conflicted'),
      policy('not-conflicted-with-section-name', 'Accepted=True Accepted'),
      policy('not-conflicted-without-section-name', 'Accepted=True Accepted'),
    ],
  },
  BackendTLSPolicyGRPCRoute: {
    at: [{ sni: host }, { fails: true }, { fails: true }],
    conditions: ['grpc-normative-test', 'grpc-host-mismatch', 'grpc-cert-mismatch'].map((name) =>
      policy(name, ...accepted),
    ),
  },
  BackendTLSPolicyInvalidCACertificateRef: {
    cases: [
      isBroken('/backendtlspolicy-nonexistent-ca-certificate-ref'),
      isBroken('/backendtlspolicy-malformed-ca-certificate-ref'),
    ],
    conditions: ['nonexistent', 'malformed'].map((name) =>
      policy(
        `${name}-ca-certificate-ref`,
        noAuthority,
        'ResolvedRefs=False InvalidCACertificateRef',
      ),
    ),
  },
  BackendTLSPolicyInvalidKind: {
    cases: [isBroken('/backendtlspolicy-invalid-kind')],
    conditions: [policy('invalid-kind', noAuthority, 'ResolvedRefs=False InvalidKind')],
  },
  BackendTLSPolicySANValidation: {
    cases: [
      reaches('/backendtlspolicy-san-dns'),
      isRefused('/backendtlspolicy-san-dns-mismatch'),
      reaches('/backendtlspolicy-san-uri'),
      isRefused('/backendtlspolicy-san-uri-mismatch'),
      reaches('/backendtlspolicy-multiple-sans'),
      isRefused('/backendtlspolicy-multiple-mismatch-sans'),
    ],
    conditions: ['san-dns', 'san-dns-mismatch', 'san-uri', 'san-uri-mismatch', 'multiple-sans'].map(
      (name) => policy(name, 'Accepted=True Accepted'),
    ),
  },
  BackendTLSPolicyTLSRouteTerminate: {
    cases: [{ Backend: 'tcp-backend', at: tcp }],
    conditions: [
      {
        of: 'BackendTLSPolicy btls-tlsroute-terminate-test',
        part: 'gateway-btls-tlsroute-terminate',
        is: accepted,
      },
    ],
  },
  GatewayTLSBackendClientCertificate: {
    cases: [
      {
        Request: { Host: host, Path: '/' },
        Backend: 'tls-backend-with-client-cert-validation',
        at: { sni: host, shows: 'tls-checks-client-certificate' },
      },
    ],
    conditions: [
      {
        of: 'Gateway gateway-tls-backend-client-certificate',
        is: ['ResolvedRefs=True ResolvedRefs'],
      },
      {
        of: 'BackendTLSPolicy gateway-tls-backend-client-certificate-test',
        part: 'gateway-tls-backend-client-certificate',
        is: ['Accepted=True'],
      },
    ],
  },
};
