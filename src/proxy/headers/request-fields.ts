/** What becomes of request fields by their name: which end here, for whom, and which are joined. */

import { traceFieldNames } from '../../telemetry/tracing/trace-fields.ts';
import { actionsByName } from './field-lines.ts';

/** One of `fieldAction`, to which `bearsOnTracing` may be added. */
export type FieldAction = number;

/** Added to the action of a field that tracing looks for, be it none. */
export const bearsOnTracing = 16;
/** What is left without it: 0 for a field that simply goes on. */
export const actionMask = 15;

export const fieldAction = {
  drop: 1,
  connection: 2,
  upgrade: 3,
  /** From here on: Envoy keeps one value for the field, so that repeated lines become one. */
  te: 4,
  join: 5,
  /** Taken from other workloads of the mesh and internal clients, not from outside. */
  dropAtEdge: 6,
  /** Taken from internal clients alone. */
  dropFromExternal: 7,
  /** Taken as the listener is told, mostly from clients that have shown a certificate. */
  clientCertificate: 8,
} as const;

const { drop, dropAtEdge, dropFromExternal, join } = fieldAction;

const dropped = [
  // Written anew from the authority, as the first line.
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  // Set anew for clients that are internal.
  'x-envoy-internal',
  // Envoy limits the stream by it, whoever sent it; here it has no effect.
  'x-envoy-upstream-stream-duration-ms',
];

const droppedAtEdge = [
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-original-host',
  'x-envoy-original-path',
];

/** What steers Envoy (recorded in san-envoy-headers-*). */
const droppedFromExternal = [
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-ip-tags',
  'x-envoy-max-retries',
  'x-envoy-original-url',
  'x-envoy-retriable-header-names',
  'x-envoy-retriable-status-codes',
  'x-envoy-retry-grpc-on',
  'x-envoy-retry-on',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-rq-timeout-ms',
];

const joined = [
  'accept',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'access-control-request-private-network',
  'authorization',
  'cache-control',
  'cdn-loop',
  'content-encoding',
  'content-type',
  'expect',
  'grpc-accept-encoding',
  'grpc-timeout',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'origin',
  'pragma',
  'referer',
  'proxy-status',
  'user-agent',
  'via',
  'x-client-trace-id',
  'x-envoy-attempt-count',
  'x-envoy-external-address',
  'x-envoy-is-timeout-retry',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-request-id',
];

/** Fields that say where a request comes from: proxies speak to each other with them. */
const forwarded: ReadonlySet<string> = new Set([
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-request-id',
]);

const actions: ReadonlyMap<string, FieldAction> = actionsByName(
  [dropped, drop],
  [droppedAtEdge, dropAtEdge],
  [droppedFromExternal, dropFromExternal],
  [joined, join],
  [['connection'], fieldAction.connection],
  [['upgrade'], fieldAction.upgrade],
  [['te'], fieldAction.te],
  [['x-forwarded-client-cert'], fieldAction.clientCertificate],
);

export const fieldActions: ReadonlyMap<string, FieldAction> = new Map([
  ...actions,
  ...traceFieldNames.map((name) => [name, (actions.get(name) ?? 0) | bearsOnTracing] as const),
]);

/** Fields of this hop, and those with which proxies speak to each other. */
export function isHopOrForwarded(name: string): boolean {
  const action = actions.get(name);
  if (action !== undefined && action < join) return true;
  return forwarded.has(name) || name === 'http2-settings' || name.startsWith('x-envoy-');
}

/** Envoy keeps one line of the field, whoever writes it. */
export function hasSingleValue(name: string): boolean {
  const action = actions.get(name);
  return action !== undefined && action !== drop;
}
