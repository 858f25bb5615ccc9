/** The request field x-forwarded-client-cert, as Envoy forwards and writes it. */

import { isFieldValue } from '../../http1/field-syntax.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ForwardClientCert } from '../../model/http-settings.ts';
import type { Direction } from '../../model/listener.ts';
import type { CertificateInfo, TlsInfo } from '../../telemetry/tls-info.ts';
import { joinValues } from './field-lines.ts';

const field = 'x-forwarded-client-cert';

/** Whether anything that a client sends of it is used. */
export function keepsClientCertificate(mode: ForwardClientCert, tls: TlsInfo | null): boolean {
  if (mode === 'ALWAYS_FORWARD_ONLY') return true;
  return mode !== 'SANITIZE' && tls !== null && tls.peer !== null;
}

/** Tells the upstream of the client's certificate, where it showed one. */
export function forwardClientCertificate(
  headers: HeaderList,
  mode: ForwardClientCert,
  tls: TlsInfo,
): void {
  if (tls.forwardedCertificate === null) return;
  if (mode !== 'SANITIZE_SET' && mode !== 'APPEND_FORWARD') return;
  const received = mode === 'APPEND_FORWARD' ? (headers.get(field) ?? '') : '';
  headers.set(field, joinValues(received, tls.forwardedCertificate));
}

/**
 * One element of the field: who was called, and who calls. Istio has gateways alone tell the whole
 * certificate. Envoy writes names as they are; a name that has what separates them is left out
 * here, as whoever reads the field would take it for several.
 */
export function forwardedElement(
  peer: CertificateInfo,
  local: CertificateInfo | null,
  direction: Direction,
): string {
  const parts = unmistakable(local?.uris ?? []).map((uri) => `By=${uri}`);
  parts.push(`Hash=${peer.sha256}`);
  if (direction === 'gateway') parts.push(`Cert="${peer.urlEncodedPem}"`);
  parts.push(`Subject="${peer.subject}"`);
  const uris = unmistakable(peer.uris);
  // The key is there even if there is nothing to tell.
  for (const uri of uris.length === 0 ? [''] : uris) parts.push(`URI=${uri}`);
  for (const name of unmistakable(peer.dnsNames)) parts.push(`DNS=${name}`);
  const element = parts.join(';');
  // Whatever the certificate has made of it: nothing but a value gets into a head.
  return isFieldValue(element) ? element : `Hash=${peer.sha256}`;
}

function unmistakable(names: readonly string[]): string[] {
  return names.filter((name) => !/[",;]/.test(name));
}
