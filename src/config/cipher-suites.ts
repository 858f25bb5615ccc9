/** The cipher suites of TLS 1.2 and below that a configuration may name, in OpenSSL's words. */

/** What Envoy's BoringSSL knows. */
const known: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-PSK-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-PSK-AES128-CBC-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-PSK-AES256-CBC-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'PSK-AES128-CBC-SHA',
  'PSK-AES256-CBC-SHA',
  'DES-CBC3-SHA',
]);

export function isCipherSuite(name: string): boolean {
  return known.has(name);
}

/** Without those that nobody knows, as Istio does it; null: those of the platform. */
export function knownCipherSuites(names: readonly string[] | undefined): readonly string[] | null {
  const suites = [...new Set(names ?? [])].filter(isCipherSuite);
  return suites.length === 0 ? null : suites;
}
