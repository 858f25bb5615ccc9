/** What becomes of response fields by their name: which end here, and which are joined. */

import { actionsByName } from './field-lines.ts';

/** One of `responseFieldAction`. */
export type ResponseFieldAction = number;

export const responseFieldAction = {
  /** Concerns the connection to the upstream only. */
  drop: 1,
  /** Envoy keeps one value for the field, so that repeated lines become one. */
  join: 2,
} as const;

const dropped = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'];

const joined = [
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'age',
  'cache-control',
  'content-encoding',
  'content-type',
  'date',
  'etag',
  'expires',
  'grpc-message',
  'grpc-status',
  'last-modified',
  'location',
  'proxy-status',
  'server',
  'vary',
  'via',
  'x-envoy-attempt-count',
  'x-envoy-decorator-operation',
  'x-envoy-degraded',
  'x-envoy-immediate-health-check-fail',
  'x-envoy-ratelimited',
  'x-envoy-upstream-canary',
  'x-envoy-upstream-healthchecked-cluster',
  'x-envoy-upstream-service-time',
  'x-request-id',
];

/** Envoy keeps one line of the field in responses, whoever writes it. */
export function joinsInResponses(name: string): boolean {
  return responseFieldActions.get(name) === responseFieldAction.join;
}

export const responseFieldActions: ReadonlyMap<string, ResponseFieldAction> = actionsByName(
  [dropped, responseFieldAction.drop],
  [joined, responseFieldAction.join],
);
