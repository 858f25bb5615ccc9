/** The request field x-forwarded-client-cert, as Envoy forwards and writes it. */

import type { HeaderList } from '../http1/header-list.ts';
import type { ForwardClientCert } from '../model/http-settings.ts';
import type { Direction } from '../model/listener.ts';
import { joinValues } from './field-lines.ts';
import type { ConnectionTls } from './tls-connection.ts';

const field = 'x-forwarded-client-cert';

/** What a client sends of it is believed, or is to be written over. */
export function keepsClientCertificate(
  mode: ForwardClientCert,
  tls: ConnectionTls | null,
): boolean {
  if (mode === 'ALWAYS_FORWARD_ONLY') return true;
  return mode !== 'SANITIZE' && tls !== null && tls.peer !== null;
}

/** Tells the upstream of the client's certificate, where it showed one. */
export function forwardClientCertificate(
  headers: HeaderList,
  mode: ForwardClientCert,
  { tls, direction }: { readonly tls: ConnectionTls; readonly direction: Direction },
): void {
  if (tls.peer === null || (mode !== 'SANITIZE_SET' && mode !== 'APPEND_FORWARD')) return;
  tls.forwardedElement ??= describe(tls, direction);
  const received = mode === 'APPEND_FORWARD' ? (headers.get(field) ?? '') : '';
  headers.set(field, joinValues(received, tls.forwardedElement));
}

/** Istio has the whole certificate told by gateways alone. */
function describe({ peer, local }: ConnectionTls, direction: Direction): string {
  if (peer === null) return '';
  const parts = (local?.uris ?? []).map((uri) => `By=${uri}`);
  parts.push(`Hash=${peer.sha256}`);
  if (direction === 'gateway') parts.push(`Cert="${peer.urlEncodedPem}"`);
  parts.push(`Subject="${peer.subject}"`);
  // The key is there even if there is nothing to tell.
  for (const uri of peer.uris.length === 0 ? [''] : peer.uris) parts.push(`URI=${uri}`);
  for (const name of peer.dnsNames) parts.push(`DNS=${name}`);
  return parts.join(';');
}
