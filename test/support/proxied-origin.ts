/** A proxy in front of one scripted origin: the smallest setup for tests of exchanges. */

import type { Test } from 'tap';
import type { Cluster } from '../../src/model/cluster.ts';
import type { CircuitBreaker, OutlierDetection } from '../../src/model/cluster-policy.ts';
import type { HttpSettings } from '../../src/model/http-settings.ts';
import type { Limits } from '../../src/model/limits.ts';
import type { ForwardAction, Route } from '../../src/model/route.ts';
import type { MeshTelemetry } from '../../src/model/telemetry-settings.ts';
import { clusterOf, meshOf } from './mesh-models.ts';
import { ProxyHarness } from './proxy-harness.ts';
import { forwardTo, route } from './route-models.ts';
import { type Script, type ScriptedOrigin, scriptedOrigin } from './scripted-origin.ts';

export interface ProxiedOriginOptions {
  /** Of the route, beside its cluster. */
  readonly action?: Partial<ForwardAction>;
  /** Of the route, beside its action. */
  readonly route?: Partial<Route>;
  readonly limits?: Partial<Limits>;
  /** Of the listener; `limits` have no effect beside it. */
  readonly http?: HttpSettings;
  readonly telemetry?: MeshTelemetry;
  readonly breaker?: Partial<CircuitBreaker>;
  readonly connection?: Partial<Cluster['connection']>;
  readonly manualTime?: boolean;
  /** Further clusters. */
  readonly clusters?: readonly Cluster[];
  /** Ports of endpoints that come before the origin. */
  readonly before?: readonly number[];
  readonly outlierDetection?: OutlierDetection;
}

export interface ProxiedOrigin {
  readonly proxy: ProxyHarness;
  readonly origin: ScriptedOrigin;
}

export async function proxiedOrigin(
  t: Test,
  script: Script,
  options: ProxiedOriginOptions = {},
): Promise<ProxiedOrigin> {
  const origin = await scriptedOrigin(script);
  const base = clusterOf('origin', [...(options.before ?? []), origin.port]);
  const cluster = {
    ...base,
    circuitBreaker: { ...base.circuitBreaker, ...options.breaker },
    connection: { ...base.connection, ...options.connection },
    outlierDetection: options.outlierDetection ?? null,
  };
  const all = { ...route('all', {}, forwardTo('origin', options.action)), ...options.route };
  const mesh = meshOf({
    clusters: [cluster, ...(options.clusters ?? [])],
    routes: [all],
    limits: options.limits ?? {},
    ...(options.telemetry === undefined ? {} : { telemetry: options.telemetry }),
    ...(options.http === undefined ? {} : { http: options.http }),
  });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: options.manualTime === true });
  t.teardown(() => origin.stop());
  return { proxy, origin };
}

/** A port on which nobody listens. */
export async function refusingPort(): Promise<number> {
  const origin = await scriptedOrigin(() => null);
  await origin.stop();
  return origin.port;
}

/** A POST with a body of known length. */
export function postRequest(path: string, body: string, headers = ''): string {
  const length = `Content-Length: ${body.length}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}${length}\r\n${body}`;
}
