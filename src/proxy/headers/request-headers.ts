/**
 * What a request's header block becomes before it is routed: connection fields end here, x-envoy-*
 * from outside is removed, x-forwarded-*, x-request-id and friends are set as Envoy sets them for
 * the listener's role. One pass over the block, in place.
 */

import { isIP } from 'node:net';
import type { AddressSet } from '../../base/address-set.ts';
import type { Random } from '../../base/random.ts';
import { truncate } from '../../base/truncate.ts';
import { createUuid } from '../../base/uuid.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { RequestHead } from '../../http1/message-head.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { TlsInfo } from '../../telemetry/tls-info.ts';
import { forwardClientCertificate, keepsClientCertificate } from './client-certificate.ts';
import { joinRepeated, joinValues } from './field-lines.ts';
import { isReferer } from './referer.ts';
import {
  actionMask,
  bearsOnTracing,
  type FieldAction,
  fieldAction,
  fieldActions,
} from './request-fields.ts';

/** What later steps need to know of the block. */
export interface ForwardedFacts {
  requestId: string | null;
  forwardedProto: string | null;
  /** The client as a trusted proxy saw it; null where the peer is the client. */
  clientAddress: string | null;
  /** It comes from an internal address: its x-envoy-* fields count. */
  isInternal: boolean;
  /** The client has sent a field that tracing looks for. */
  bearsOnTracing: boolean;
}

interface RequestHeaderContext {
  readonly settings: HttpSettings;
  readonly authority: string;
  readonly peerAddress: string;
  /** The addresses of `settings.internalAddresses`. */
  readonly internalAddresses: AddressSet | null;
  readonly scheme: 'http' | 'https';
  /** The client's; null: it came in plain text. */
  readonly tls: TlsInfo | null;
  readonly random: Random;
  /** The connection and upgrade lines travel on. */
  readonly upgrading: boolean;
}

export function prepareRequestHeaders(
  head: RequestHead,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const { headers } = head;
  const { useRemoteAddress } = context.settings;
  const isInternal = comesFromInside(headers, context);
  facts.isInternal = isInternal;
  const isTeNamed = head.connectionNames?.includes('te') === true;
  const isEdge = useRemoteAddress && !isInternal;
  facts.bearsOnTracing = filterHeaders(headers, { isInternal, isEdge, isTeNamed, context });
  if (head.connectionNames !== null) removeNamed(headers, head.connectionNames);
  if (head.upgrade === 'h2c') headers.remove('http2-settings');
  if (useRemoteAddress) writeForwardedHeaders(headers, context, facts);
  else keepForwardedHeaders(headers, context, facts);
  const { tls, settings } = context;
  if (tls !== null) forwardClientCertificate(headers, settings.forwardClientCert, tls);
}

/** The peer is the client, or a proxy before this one that is trusted to name the client. */
function writeForwardedHeaders(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  setForwardedHeaders(headers, context, facts);
  if (facts.isInternal) {
    headers.set('x-envoy-internal', 'true');
    keepRequestId(headers, context, facts);
    return;
  }
  headers.set('x-envoy-external-address', facts.clientAddress ?? context.peerAddress);
  renewRequestId(headers, context, facts);
}

/**
 * True for a client of an internal address that is the first to speak: x-forwarded-for would tell
 * of a proxy before it, and of a client that nobody knows.
 */
function comesFromInside(headers: HeaderList, context: RequestHeaderContext): boolean {
  const { internalAddresses, peerAddress } = context;
  if (internalAddresses === null || headers.has('x-forwarded-for')) return false;
  return internalAddresses.has(peerAddress);
}

interface Filter {
  readonly isInternal: boolean;
  /** From outside, on a gateway. */
  readonly isEdge: boolean;
  /** The Connection line names te. */
  readonly isTeNamed: boolean;
  readonly context: RequestHeaderContext;
}

/** Leaves the host at the front, as the authority names it. True if one bears on tracing. */
function filterHeaders(headers: HeaderList, filter: Filter): boolean {
  const flat = headers.flat;
  // Where nearly every client has it.
  if (flat[0] !== 'host') flat.unshift('host', '');
  flat[1] = filter.context.authority;
  let kept = 2;
  let hasTe = false;
  let marks = 0;
  for (let i = 2; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const marked = fieldActions.get(name);
    if (marked !== undefined) {
      marks |= marked;
      const action = marked & actionMask;
      if (isDropped(action, filter)) continue;
      if (action === fieldAction.connection) flat[i + 1] = upgradeTokens(flat[i + 1] as string);
      if (action === fieldAction.te) hasTe = true;
      if (isJoined(action) && joinRepeated(flat, kept, i)) continue;
    }
    if (kept !== i) {
      flat[kept] = name;
      flat[kept + 1] = flat[i + 1] as string;
    }
    kept += 2;
  }
  truncate(flat, kept);
  if (hasTe) keepTrailersOnly(headers, filter.isTeNamed);
  const referer = headers.get('referer');
  if (referer !== undefined && !isReferer(referer)) headers.remove('referer');
  return (marks & bearsOnTracing) !== 0;
}

function isDropped(action: FieldAction, { isInternal, isEdge, context }: Filter): boolean {
  switch (action) {
    case fieldAction.drop:
      return true;
    case fieldAction.dropAtEdge:
      return isEdge;
    case fieldAction.dropFromExternal:
      return !isInternal;
    case fieldAction.clientCertificate:
      return !keepsClientCertificate(context.settings.forwardClientCert, context.tls);
    case fieldAction.connection:
    case fieldAction.upgrade:
      return !context.upgrading;
    default:
      return false;
  }
}

/** What is kept of them has one value, too. */
function isJoined(action: FieldAction): boolean {
  return action >= fieldAction.te;
}

/** Of the line that asks for an upgrade the names of fields stay here, which end here as well. */
export function upgradeTokens(value: string): string {
  const tokens = value.split(',').map((token) => token.trim());
  const kept = tokens.filter((token) => /^(?:upgrade|keep-alive|close)$/i.test(token));
  if (!kept.some((token) => token.toLowerCase() === 'upgrade')) kept.push('upgrade');
  return kept.join(', ');
}

/**
 * Of all transfer codings `trailers` alone travels on (RFC 9110 section 10.1.4), an empty line too
 * unless it is named. Envoy reads named ones in any case.
 */
function keepTrailersOnly(headers: HeaderList, isNamed: boolean): void {
  const value = headers.get('te') ?? '';
  if (value === 'trailers' || (value === '' && !isNamed)) return;
  const said = isNamed ? value.toLowerCase() : value;
  if (said.split(',').some((token) => token.trim() === 'trailers')) headers.set('te', 'trailers');
  else headers.remove('te');
}

/** Fields that a Connection line cannot take away: they frame the message or mean this hop. */
const notNominable: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'te']);

/** Connection-named fields end here (RFC 9110 section 7.6.1). */
function removeNamed(headers: HeaderList, names: readonly string[]): void {
  for (const name of names) if (!notNominable.has(name)) headers.remove(name);
}

function setForwardedHeaders(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const { settings, peerAddress } = context;
  const trusted = settings.xffNumTrustedHops > 0;
  const received = headers.get('x-forwarded-for') ?? '';
  if (trusted) facts.clientAddress = addressFromEnd(received, settings.xffNumTrustedHops - 1);
  headers.set('x-forwarded-for', joinValues(received, peerAddress));
  const said = trusted ? headers.get('x-forwarded-proto') : undefined;
  if (said === undefined) headers.set('x-forwarded-proto', context.scheme);
  facts.forwardedProto = said ?? context.scheme;
}

/** The peer is another workload of the mesh: what it says is passed on. */
function keepForwardedHeaders(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const received = headers.get('x-forwarded-for');
  if (received !== undefined) facts.clientAddress = addressFromEnd(received, 0);
  const said = headers.get('x-forwarded-proto');
  if (said === undefined) headers.append('x-forwarded-proto', context.scheme);
  facts.forwardedProto = said ?? context.scheme;
  keepRequestId(headers, context, facts);
}

function renewRequestId(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const { settings } = context;
  if (!settings.generateRequestId || settings.preserveExternalRequestId) {
    keepRequestId(headers, context, facts);
    return;
  }
  facts.requestId = createUuid(context.random);
  headers.set('x-request-id', facts.requestId);
}

function keepRequestId(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const received = headers.get('x-request-id');
  if ((received === undefined || received === '') && context.settings.generateRequestId) {
    facts.requestId = createUuid(context.random);
    headers.set('x-request-id', facts.requestId);
    return;
  }
  facts.requestId = received ?? null;
}

/** The address that stands `before` entries before the end of x-forwarded-for; null if none does. */
function addressFromEnd(chain: string, before: number): string | null {
  let end = chain.length;
  for (let i = 0; i < before; i++) {
    end = chain.lastIndexOf(',', end - 1);
    if (end < 0) return null;
  }
  const start = end === 0 ? 0 : chain.lastIndexOf(',', end - 1) + 1;
  const address = chain.slice(start, end).trim();
  return isIP(address) === 0 ? null : address;
}
