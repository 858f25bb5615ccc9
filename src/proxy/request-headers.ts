/**
 * What a request's header block becomes before it is routed: connection fields end here, x-envoy-*
 * from outside is removed, x-forwarded-*, x-request-id and friends are set as Envoy sets them for
 * the listener's role. One pass over the block, in place.
 */

import type { Random } from '../base/random.ts';
import { createUuid } from '../base/uuid.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { RequestHead } from '../http1/message-head.ts';
import type { HttpSettings } from '../model/listener.ts';

/** What to do with a header of a known name. */
const drop = 1;
const dropOnGateway = 2;
const te = 3;
const upgrade = 4;
const connection = 5;
const forwardedFor = 6;
const forwardedProto = 7;
const requestId = 8;
const externalAddress = 9;
const join = 10;

const actions: ReadonlyMap<string, number> = new Map([
  // Written anew from the authority, as the first line.
  ['host', drop],
  ['keep-alive', drop],
  ['proxy-connection', drop],
  ['transfer-encoding', drop],
  ['http2-settings', drop],
  ['connection', connection],
  ['upgrade', upgrade],
  ['te', te],
  // With no internal address configured no client is internal, so these never take effect
  // (Envoy internal_address_config; recorded in san-envoy-headers-*).
  ['x-envoy-internal', drop],
  ['x-envoy-force-trace', drop],
  ['x-envoy-upstream-alt-stat-name', drop],
  ['x-envoy-upstream-rq-timeout-alt-response', drop],
  ['x-envoy-upstream-rq-timeout-ms', drop],
  ['x-envoy-upstream-rq-per-try-timeout-ms', drop],
  ['x-envoy-upstream-stream-duration-ms', drop],
  ['x-envoy-expected-rq-timeout-ms', drop],
  ['x-envoy-ip-tags', drop],
  ['x-envoy-hedge-on-per-try-timeout', drop],
  ['x-envoy-max-retries', drop],
  ['x-envoy-retry-on', drop],
  ['x-envoy-retry-grpc-on', drop],
  ['x-envoy-retriable-status-codes', drop],
  ['x-envoy-retriable-header-names', drop],
  ['x-envoy-is-timeout-retry', drop],
  ['x-envoy-decorator-operation', dropOnGateway],
  ['x-envoy-downstream-service-cluster', dropOnGateway],
  ['x-envoy-downstream-service-node', dropOnGateway],
  ['x-envoy-original-path', dropOnGateway],
  ['x-forwarded-for', forwardedFor],
  ['x-forwarded-proto', forwardedProto],
  ['x-request-id', requestId],
  ['x-envoy-external-address', externalAddress],
  // Fields that Envoy keeps in a slot of their own: repeated lines become one, joined with `,`.
  ['accept', join],
  ['accept-encoding', join],
  ['authorization', join],
  ['cache-control', join],
  ['content-type', join],
  ['expect', join],
  ['grpc-timeout', join],
  ['origin', join],
  ['user-agent', join],
  ['via', join],
  ['x-envoy-attempt-count', join],
  ['x-forwarded-host', join],
  ['x-forwarded-port', join],
]);

/** Fields of this hop, and those with which proxies speak to each other. */
export function isHopOrForwarded(name: string): boolean {
  const action = actions.get(name);
  return (action !== undefined && action !== join) || name.startsWith('x-envoy-');
}

/** What later steps need to know of the block. */
export interface ForwardedFacts {
  requestId: string | null;
  forwardedProto: string | null;
  /** The client as a trusted proxy saw it; null where the peer is the client. */
  clientAddress: string | null;
}

export interface RequestHeaderContext {
  readonly settings: HttpSettings;
  readonly authority: string;
  readonly peerAddress: string;
  readonly scheme: 'http' | 'https';
  readonly random: Random;
  /** The connection and upgrade lines travel on. */
  readonly upgrading: boolean;
}

export function prepareRequestHeaders(
  head: RequestHead,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  filterHeaders(head, context);
  head.headers.flat.unshift('host', context.authority);
  if (head.connectionNames !== null) removeNamed(head.headers, head.connectionNames);
  if (context.settings.useRemoteAddress) setEdgeHeaders(head.headers, context, facts);
  else keepForwardedHeaders(head.headers, context, facts);
}

function filterHeaders(head: RequestHead, context: RequestHeaderContext): void {
  const flat = head.headers.flat;
  let kept = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const action = actions.get(name);
    if (action !== undefined) {
      if (action === drop) continue;
      if (action === dropOnGateway && context.settings.useRemoteAddress) continue;
      if ((action === connection || action === upgrade) && !context.upgrading) continue;
      if (action === connection) flat[i + 1] = upgradeToken(flat[i + 1] as string);
      if (action === te) {
        if (!acceptsTrailers(flat[i + 1] as string)) continue;
        flat[i + 1] = 'trailers';
      }
      if (action >= forwardedFor && joinRepeated(flat, kept, i)) continue;
    }
    if (kept !== i) {
      flat[kept] = name;
      flat[kept + 1] = flat[i + 1] as string;
    }
    kept += 2;
  }
  flat.length = kept;
}

/** Of the line that asks for an upgrade only that goes on, as it was spelled. */
export function upgradeToken(value: string): string {
  const tokens = value.split(',').map((token) => token.trim());
  return tokens.find((token) => token.toLowerCase() === 'upgrade') ?? 'upgrade';
}

/** Of all transfer codings `trailers` alone travels on (RFC 9110 section 10.1.4). */
function acceptsTrailers(value: string): boolean {
  return value.split(',').some((token) => token.trim().toLowerCase() === 'trailers');
}

/** Joins line `i` to an earlier line of the same name; false if it is the first. */
function joinRepeated(flat: string[], kept: number, i: number): boolean {
  const name = flat[i];
  for (let k = 0; k < kept; k += 2) {
    if (flat[k] !== name) continue;
    flat[k + 1] = `${flat[k + 1]},${flat[i + 1]}`;
    return true;
  }
  return false;
}

/** Fields that a Connection line cannot take away: they frame the message or mean this hop. */
const notNominable: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'te']);

/** Connection-named fields end here (RFC 9110 section 7.6.1). */
function removeNamed(headers: HeaderList, names: readonly string[]): void {
  for (const name of names) if (!notNominable.has(name)) headers.remove(name);
}

/** The peer is the client: nothing that it says of others is believed. */
function setEdgeHeaders(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const { settings, peerAddress } = context;
  const trusted = settings.xffNumTrustedHops > 0;
  const received = headers.get('x-forwarded-for');
  const chain =
    received === undefined || received === '' ? peerAddress : `${received},${peerAddress}`;
  headers.set('x-forwarded-for', chain);
  const proto = trusted ? headers.get('x-forwarded-proto') : undefined;
  facts.forwardedProto = proto ?? context.scheme;
  if (proto === undefined) headers.set('x-forwarded-proto', context.scheme);
  const client = trusted ? trustedAddress(chain, settings.xffNumTrustedHops) : peerAddress;
  if (trusted) facts.clientAddress = client;
  if (client === null) headers.remove('x-envoy-external-address');
  else headers.set('x-envoy-external-address', client);
  if (!settings.generateRequestId) facts.requestId = headers.get('x-request-id') ?? null;
  else if (settings.preserveExternalRequestId) keepRequestId(headers, context, facts);
  else {
    facts.requestId = createUuid(context.random);
    headers.set('x-request-id', facts.requestId);
  }
}

/** The peer is another workload of the mesh: what it says is passed on. */
function keepForwardedHeaders(
  headers: HeaderList,
  context: RequestHeaderContext,
  facts: ForwardedFacts,
): void {
  const proto = headers.get('x-forwarded-proto');
  facts.forwardedProto = proto ?? context.scheme;
  if (proto === undefined) headers.append('x-forwarded-proto', context.scheme);
  keepRequestId(headers, context, facts);
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

/** The address that the outermost trusted proxy saw: `hops` entries before the peer's own. */
function trustedAddress(chain: string, hops: number): string | null {
  const entries = chain.split(',');
  return entries[entries.length - 1 - hops]?.trim() ?? null;
}
