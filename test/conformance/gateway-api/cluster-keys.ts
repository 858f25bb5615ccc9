/** The Secrets and ConfigMaps that the conformance suite makes in a cluster before its tests. */

import { type KeyPair, TestAuthority } from './certificates.ts';
import { infraNamespace, type Manifest } from './manifests.ts';

export interface ClusterKeys {
  readonly manifests: readonly Manifest[];
  /** What clients trust. */
  readonly authority: string;
  /** By the name of their Secret. */
  readonly pairs: ReadonlyMap<string, KeyPair>;
  /** By the name of their ConfigMap. */
  readonly authorities: ReadonlyMap<string, string>;
}

const abc = 'abc.example.com';
const other = 'other.example.com';

/** Clients refuse `*.org`. */
const exampleHosts = ['', 'second-', 'unknown-'].map((prefix) => `${prefix}example.org`);

/** Of servers: name of the Secret, and what it is for. */
const servers: readonly (readonly [string, readonly string[]])[] = [
  ['tls-validity-checks-certificate', ['*.wildcard.org', '*.example.com', ...exampleHosts]],
  ['tls-checks-certificate', [abc, other, 'spiffe://abc.example.com/test-identity']],
  ['tls-passthrough-checks-certificate', [abc]],
  ['tls-terminate-checks-certificate', ['tls.example.com', '*.example.com']],
  ['certificate', exampleHosts],
];

/** Of clients: name of the Secret, and of the ConfigMap with its authority. */
const clients: readonly (readonly [string, string])[] = [
  ['tls-checks-client-certificate', 'tls-checks-ca-certificate'],
  ['tls-validity-checks-client-certificate', 'tls-validity-checks-ca-certificate'],
  [
    'tls-validity-checks-per-port-client-certificate',
    'tls-validity-checks-per-port-ca-certificate',
  ],
];

const otherNamespaces = ['gateway-conformance-app-backend', 'gateway-conformance-web-backend'];

export async function createClusterKeys(): Promise<ClusterKeys> {
  const main = await TestAuthority.create('tls-checks-ca-certificate');
  const issuers = new Map([['tls-checks-ca-certificate', main]]);
  for (const [, name] of clients) {
    if (!issuers.has(name)) issuers.set(name, await TestAuthority.create(name));
  }
  issuers.set('mismatch-ca-certificate', await TestAuthority.create('mismatch-ca-certificate'));
  const pairs = new Map<string, KeyPair>();
  for (const [name, hosts] of servers) pairs.set(name, await main.issue(hosts));
  for (const [name, authority] of clients) {
    const issuer = issuers.get(authority) ?? main;
    pairs.set(name, await issuer.issue(['spiffe://client.example.com/test']));
  }
  const authorities = new Map([...issuers].map(([name, { cert }]) => [name, cert]));
  const manifests = [
    ...[...pairs].flatMap(([name, pair]) =>
      [infraNamespace, ...otherNamespaces].map((namespace) => secret(namespace, name, pair)),
    ),
    ...[...authorities].map(([name, cert]) => configMap(name, cert)),
  ];
  return { manifests, authority: main.cert, pairs, authorities };
}

function secret(namespace: string, name: string, { cert, key }: KeyPair): Manifest {
  const data = { 'tls.crt': base64(cert), 'tls.key': base64(key) };
  const metadata = { name, namespace };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data };
}

function configMap(name: string, cert: string): Manifest {
  const metadata = { name, namespace: infraNamespace };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': cert } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
