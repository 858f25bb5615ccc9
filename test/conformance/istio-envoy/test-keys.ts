/** The throw-away certificates, keys and tokens that come with the second set of recordings. */

import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataSet } from '../../support/test-data.ts';

export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

export interface TestKeys {
  readonly pairs: Readonly<Record<string, KeyPair>>;
  /** Text of each token. */
  readonly tokens: Readonly<Record<string, string>>;
  /** JSON text of each public key set. */
  readonly keySets: Readonly<Record<string, string>>;
}

const none: TestKeys = { pairs: {}, tokens: {}, keySets: {} };

/** Empty where the data is absent. */
export function readTestKeys(): TestKeys {
  const folder = dataSet('istio-envoy-2');
  if (folder === null) return none;
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(folder, 'testdata', name), 'utf8'));
  const { entries } = read('pki.json') as { readonly entries: Record<string, KeyPair> };
  const { tokens, jwks } = read('jwt.json') as {
    readonly tokens: Record<string, { readonly token: string }>;
    readonly jwks: Record<string, unknown>;
  };
  const texts = Object.entries(tokens).map(([name, { token }]) => [name, token] as const);
  const sets = Object.entries(jwks).map(([name, set]) => [name, JSON.stringify(set)] as const);
  return {
    pairs: entries,
    tokens: Object.fromEntries(texts),
    keySets: Object.fromEntries(sets),
  };
}

/** Lower-case hex SHA-256 of the certificate in DER. */
export function certificateHash(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}

/** The name of a certificate among the pairs, null where it is none of them. */
export function certificateName(keys: TestKeys, der: Buffer): string | null {
  const found = Object.entries(keys.pairs).find(([, { cert }]) =>
    new X509Certificate(cert).raw.equals(der),
  );
  return found?.[0] ?? null;
}
