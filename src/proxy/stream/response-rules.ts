/** What becomes of a response's header block on its way down, an upstream's and the proxy's own. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import { removeConnectionFields } from '../headers/downstream-head.ts';
import type { Stream } from './stream.ts';

/** `serviceMs`: from the end of the request to this head. */
export function prepareResponseHead(stream: Stream, head: ResponseHead, serviceMs: number): void {
  const { info } = stream;
  const { headers } = head;
  info.details = 'via_upstream';
  removeConnectionFields(headers);
  // Envoy measures from the end of the request, and one that asks for a tunnel has none.
  if (!stream.upgrading) {
    info.upstreamServiceMs = serviceMs;
    headers.set('x-envoy-upstream-service-time', String(serviceMs));
  }
  applyUpstreamRules(stream, head);
}

/** For a 101, whose connection lines stay, and for every other head of an upstream. */
export function applyUpstreamRules(stream: Stream, head: ResponseHead): void {
  if (stream.cookies !== null) addCookies(stream.cookies, head.headers, stream.info.attempts);
  applyRouteHeaders(stream, head.status, head.headers);
}

export function applyRouteHeaders(stream: Stream, status: number, headers: HeaderList): void {
  const { info } = stream;
  // Formatted values may ask for them.
  info.status = status;
  info.responseHeaders = headers;
  stream.clusterRuntime?.responseHeaders?.apply(headers, info);
  stream.runtime?.responseHeaders?.apply(headers, info);
  if (stream.facts.isInternal) answerForcedTrace(stream, headers);
}

/** Who forces a trace is told what to look for. */
function answerForcedTrace({ headers: asked, facts }: Stream, headers: HeaderList): void {
  if (facts.requestId === null || !asked.has('x-envoy-force-trace')) return;
  headers.set('x-request-id', facts.requestId);
}

/** Envoy hashes the request for every attempt, and adds the lines each time. */
function addCookies(cookies: readonly string[], headers: HeaderList, attempts: number): void {
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const cookie of cookies) headers.append('set-cookie', cookie);
  }
}
