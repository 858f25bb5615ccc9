/** Finds the route of a prepared request, runs its filters in their fixed order, and acts on it. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { WeightedCluster } from '../../model/route.ts';
import type { CompiledForward, CompiledRoute } from '../../routing/compiled-route.ts';
import { matchRoute } from '../../routing/match.ts';
import { redirectLocation } from '../../routing/redirect.ts';
import { computeHash } from '../../routing/request-hash.ts';
import { chooseStickyCluster } from '../../routing/sticky-choice.ts';
import { chooseCluster } from '../../routing/weighted-choice.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import { faultReply, hits, noteFaultAbort, noteFaultDelay } from '../filters/fault.ts';
import { isGrpcWeb } from '../filters/grpc-web.ts';
import { localReply } from '../local-reply.ts';
import { ProxyError } from '../proxy-error.ts';
import { StreamToxics } from '../toxics/stream-toxics.ts';
import type { ToxicFilter } from '../toxics/toxic-filter.ts';
import { originalDestination } from '../upstream/original-destination.ts';
import { applyRoute } from './apply-route.ts';
import { findRouteTable } from './find-route-table.ts';
import type { RouteRuntime } from './route-runtime.ts';
import type { Stream } from './stream.ts';

export function dispatch(stream: Stream): void {
  const { snapshot, chain, authority } = stream;
  const table = findRouteTable(chain.routes, authority, snapshot.routeTables);
  if (table?.grpcWeb === true && isGrpcWeb(stream.headers)) stream.translateGrpcWeb();
  const virtualHost = table === null ? null : table.findVirtualHost(stream.authority);
  // Envoy compares the header as it is, whatever its case.
  if (virtualHost?.virtualHost.requireTls && stream.facts.forwardedProto !== 'https') {
    stream.reply(localReply(301, 'direct_response', { headers: [['location', httpsUrl(stream)]] }));
    return;
  }
  const route = virtualHost === null ? null : matchRoute(virtualHost, stream);
  if (route === null) {
    stream.connection.listener.stats.rqTotal++;
    stream.reply(localReply(404, 'route_not_found', { flag: responseFlag.noRoute }));
    return;
  }
  stream.setRoute(route);
  stream.info.virtualHostName = virtualHost?.virtualHost.name ?? '';
  if (route.action.kind === 'forward') {
    stream.chosen = choose(stream, route.action);
    stream.info.clusterName = stream.chosen.cluster;
    stream.cluster = stream.snapshot.clusters.get(stream.chosen.cluster) ?? null;
    stream.info.cluster = stream.cluster?.model ?? null;
  }
  if (stream.upgradeRefused) {
    stream.reply(localReply(403, 'upgrade_failed', { close: true }));
    return;
  }
  const { runtime } = stream;
  if (runtime?.toxics != null) drawToxics(stream, runtime.toxics);
  if (runtime?.fault != null && injectFault(stream, route, runtime)) return;
  afterFault(stream, route);
}

function choose(stream: Stream, action: CompiledForward): WeightedCluster {
  return action.stickySeeds === null
    ? chooseCluster(action, stream.context.random)
    : chooseStickyCluster(action, stream, stream.context);
}

function httpsUrl(stream: Stream): string {
  return `https://${stream.authority}${stream.path}`;
}

function drawToxics(stream: Stream, filter: ToxicFilter): void {
  const dose = filter.draw(stream, stream.context.random);
  if (dose !== null) stream.toxics = new StreamToxics(stream, dose);
}

/** True if the request is delayed or answered. */
function injectFault(stream: Stream, route: CompiledRoute, runtime: RouteRuntime): boolean {
  const { fault } = runtime;
  if (fault === null) return false;
  const delayMs = fault.drawDelay(stream.context.random);
  if (delayMs === 0) return abortByFault(stream, runtime);
  noteFaultDelay(stream, delayMs);
  stream.wait(delayMs, () => {
    if (!abortByFault(stream, runtime)) afterFault(stream, route);
  });
  return true;
}

function abortByFault(stream: Stream, runtime: RouteRuntime): boolean {
  const abort = runtime.fault?.drawAbort(stream.context.random) ?? null;
  if (abort === null || (abort.httpStatus === null && abort.grpcStatus === null)) return false;
  noteFaultAbort(stream, abort);
  stream.reply(faultReply(abort), abort.grpcStatus);
  return true;
}

function afterFault(stream: Stream, route: CompiledRoute): void {
  const cors = route.action.kind === 'forward' ? (stream.runtime?.cors ?? null) : null;
  if (cors !== null) {
    const answer = cors.answerPreflight(stream.method, stream.headers);
    if (answer !== null) {
      stream.withoutRouteHeaders();
      stream.reply(localReply(200, 'cors_response', { headers: answer, plain: true }));
      return;
    }
    stream.corsOrigin = cors.allowedOrigin(stream.headers);
  }
  act(stream, route);
}

function act(stream: Stream, route: CompiledRoute): void {
  const { action } = route;
  stream.connection.listener.stats.rqTotal++;
  switch (action.kind) {
    case 'forward':
      if (isRefused(stream)) return;
      forward(stream, route, action);
      return;
    case 'redirect': {
      const location = redirectLocation(action, stream, route);
      const { status } = action.action;
      stream.reply(localReply(status, 'direct_response', { headers: [['location', location]] }));
      return;
    }
    case 'direct-response':
      respondDirectly(stream, action.action.status);
      return;
  }
}

function isRefused(stream: Stream): boolean {
  const admission = stream.runtime === null ? null : stream.runtime.admission;
  const refusal = admission === null ? null : admission.refuse(stream);
  if (refusal === null) return false;
  stream.reply(refusal);
  return true;
}

function respondDirectly(stream: Stream, status: number): void {
  // Envoy gives any 3xx of a direct response, and 201, a location: its own URL.
  const redirects = status === 201 || (status >= 300 && status < 400);
  const location = `${stream.scheme}://${stream.authority}${stream.path}`;
  stream.reply(
    localReply(status, 'direct_response', {
      body: stream.runtime?.directBody ?? '',
      headers: redirects ? [['location', location]] : [],
    }),
  );
}

function forward(stream: Stream, route: CompiledRoute, action: CompiledForward): void {
  const { cluster, context } = stream;
  const chosen = stream.chosen as WeightedCluster;
  const mirrors = action.action.mirrors.length === 0 ? null : drawMirrors(stream, action);
  // Copied before the router may let go of it.
  const received = mirrors === null ? null : stream.request.copyBody();
  applyRoute(stream, route, chosen);
  if (cluster === null) {
    const { clusterNotFoundStatus } = action.action;
    const missing = new ProxyError('no-cluster');
    stream.reply(
      localReply(clusterNotFoundStatus, missing.details, { flag: missing.outcome.flag }),
    );
    return;
  }
  if (cluster.model.discovery === 'original-dst') {
    stream.destination = originalDestination(stream);
  }
  const hashed = action.hashPolicies === null ? null : computeHash(action, stream, context.hash64);
  if (hashed !== null) stream.cookies = hashed.setCookies;
  const goesOn = stream.request.forward(cluster, hashed?.hash ?? null);
  // What no endpoint gets is not copied either, as in Envoy.
  if (!goesOn || mirrors === null) return;
  for (const mirror of mirrors) stream.request.mirror(mirror, received);
}

/** Where this request is sent too; null if nowhere. */
function drawMirrors({ context, snapshot }: Stream, action: CompiledForward): LiveCluster[] | null {
  let drawn: LiveCluster[] | null = null;
  for (const { cluster: name, percentage } of action.action.mirrors) {
    const cluster = snapshot.clusters.get(name);
    if (cluster === undefined || !hits(percentage, context.random)) continue;
    drawn ??= [];
    drawn.push(cluster);
  }
  return drawn;
}
