/**
 * From a parsed head to a request that can be routed: refuses what must not go on, settles
 * authority, path and scheme, and cleans the header block for the listener's role.
 */

import type { RequestHead } from '../../http1/message-head.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import { normalizePath } from '../../routing/path-normalization.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import { type ForwardedFacts, prepareRequestHeaders } from '../headers/request-headers.ts';
import { codecErrorReply, type LocalReply, localReply } from '../local-reply.ts';
import type { Stream } from './stream.ts';

const slash = 0x2f;

/** Fills in the stream's request fields; an answer instead if the request is refused. */
export function prepareRequest(stream: Stream, head: RequestHead): LocalReply | null {
  const settings = stream.settings;
  stream.method = head.method;
  stream.info.method = head.method;
  const refusal = setTarget(stream, head, settings);
  // Envoy refuses it before it looks at who asks: it has no id, and comes from nobody but the peer.
  if (refusal !== null && head.method !== 'CONNECT') return refusal;
  checkUpgrade(stream, head, settings);
  setHeaders(stream, head, settings);
  // Envoy finds no route where it is not told how the client came.
  const isSchemeKnown = stream.facts.forwardedProto !== '';
  if (refusal !== null || isSchemeKnown) return refusal;
  return localReply(404, 'route_not_found', { flag: responseFlag.noRoute });
}

function setTarget(stream: Stream, head: RequestHead, settings: HttpSettings): LocalReply | null {
  const { target, host: authority } = head;
  if (head.method === 'CONNECT') {
    stream.setTarget(authority ?? target, '');
    return localReply(404, 'route_not_found', { flag: responseFlag.noRoute, close: true });
  }
  stream.setTarget(authority ?? '', target);
  // A Connection line that names host takes it away, as Envoy sees it.
  const isNominated = head.connectionNames?.includes('host') === true;
  if (authority === undefined || isNominated) {
    return localReply(400, 'missing_host_header', { close: true });
  }
  // What was meant to come by TLS did not; within the mesh a proxy may have ended it.
  const isMeant = head.scheme !== 'https' || stream.connection.scheme === 'https';
  if (!isMeant && settings.useRemoteAddress) return codecErrorReply(403, 'http1.invalid_scheme', 0);
  // Without it nobody knows what the question is.
  if (head.method === 'QUERY' && !head.headers.has('content-type')) {
    return localReply(400, 'query_missing_content_type', { close: true });
  }
  // `*`, or nothing but a query.
  if (target.charCodeAt(0) !== slash) return localReply(404, 'absolute_path_rejected');
  const path = normalizePath(target, settings.pathNormalization);
  if (path === null) return localReply(400, 'path_normalization_failed', { close: true });
  if (path !== target) stream.setTarget(authority, path);
  return null;
}

function checkUpgrade(stream: Stream, head: RequestHead, settings: HttpSettings): void {
  // An h2c upgrade is declined by serving the request as it is (RFC 9113 section 3.1).
  if (head.upgrade === null || head.upgrade === 'h2c') return;
  if (head.upgrade === 'websocket' && settings.websocketUpgrades) {
    stream.upgrading = true;
    return;
  }
  // Answered once the route is known, as Envoy does.
  stream.upgradeRefused = true;
}

function setHeaders(stream: Stream, head: RequestHead, settings: HttpSettings): void {
  const { connection } = stream;
  prepareRequestHeaders(
    head,
    {
      authority: stream.authority,
      settings,
      peerAddress: connection.peerAddress,
      internalAddresses: connection.chain.internalAddresses,
      scheme: connection.scheme,
      tls: stream.info.tls,
      random: stream.context.random,
      upgrading: stream.upgrading,
    },
    stream.facts,
  );
  stream.info.requestId = stream.facts.requestId;
  const { clientAddress } = stream.facts;
  // The port of a client behind a proxy is not known.
  if (clientAddress !== null) stream.info.downstreamRemoteAddress = `${clientAddress}:0`;
  stream.scheme = head.scheme ?? schemeOf(stream.facts);
  stream.info.scheme = stream.scheme;
}

/** As the client came to the first proxy that is trusted, or to this one. */
function schemeOf({ forwardedProto }: ForwardedFacts): 'http' | 'https' {
  return forwardedProto?.toLowerCase() === 'https' ? 'https' : 'http';
}

/** The answer to a request that the parser refused. */
export function refusedRequestReply(status: number, details: string): LocalReply {
  return codecErrorReply(status, details, responseFlag.downstreamProtocolError);
}
