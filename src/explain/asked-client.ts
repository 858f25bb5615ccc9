/** Who comes, and by which listener: what requests and connections that are explained share. */

import { isIP } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import { type AskedCertificate, readAskedCertificate } from './asked-certificate.ts';

/** Which listeners count: all, those of a sidecar towards the mesh, or those of a Gateway. */
export type Side =
  | { readonly kind: 'any' }
  | { readonly kind: 'mesh' }
  /** `name` of the resource or `namespace/name`; null: any Gateway. */
  | { readonly kind: 'gateway'; readonly name: string | null };

export interface AskedClient {
  /** By name; null: the one that fits best. */
  readonly listener: string | null;
  readonly side: Side;
  /** SNI, lower case; null: none, which https has from its authority. */
  readonly serverName: string | null;
  /** Of the client, without a port. */
  readonly clientAddress: string;
  readonly certificate: AskedCertificate;
}

export interface ClientText {
  readonly listener?: string | null;
  readonly side?: Side;
  readonly serverName?: string | null;
  /** Default 127.0.0.1. */
  readonly clientAddress?: string | null;
  /** PEM, or `none`; default: whatever the listener lets in. */
  readonly certificate?: string | null;
}

/** The error is a sentence for whoever asked. */
export function readAskedClient(text: ClientText): Result<AskedClient, string> {
  const clientAddress = text.clientAddress ?? '127.0.0.1';
  if (isIP(clientAddress) === 0) return err(`"${clientAddress}" is no address of a client`);
  const certificate = readAskedCertificate(text.certificate ?? null);
  if (!certificate.ok) return certificate;
  return ok({
    listener: text.listener ?? null,
    side: text.side ?? { kind: 'any' },
    serverName: text.serverName?.toLowerCase() ?? null,
    clientAddress,
    certificate: certificate.value,
  });
}
