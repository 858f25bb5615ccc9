/** The recorded scenarios as they are written in the data folder, and how to read them. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HeaderPair } from '../../support/http-reader.ts';

export interface BackendSpec {
  readonly name: string;
  readonly behavior?: string;
  readonly port?: number;
  readonly address?: string;
  readonly type?: string;
  readonly http2?: boolean;
}

export interface RecordedUpstream {
  readonly backend: string;
  readonly method: string;
  readonly path: string;
  readonly http_version?: string;
  readonly kind?: string;
  readonly headers: readonly HeaderPair[];
  readonly body_length?: number;
  readonly body?: string;
}

export interface RecordedLog {
  readonly flags?: string;
  readonly details?: string;
  readonly route?: string;
  readonly cluster?: string;
  readonly attempts?: number;
}

/** The fields of a single request's outcome and of a repeated one; each has its own. */
export interface Outcome {
  readonly background?: boolean;
  readonly passthrough?: boolean;
  readonly original_destination?: boolean;
  readonly status?: number;
  readonly http_version?: string;
  readonly interim?: readonly number[];
  readonly client_error?: string;
  readonly response_headers?: readonly HeaderPair[];
  readonly backend?: string | null;
  readonly response_body?: string;
  readonly truncated?: boolean;
  readonly elapsed_ms_bucket?: number;
  readonly upstream_attempts?: number;
  readonly attempt_backends?: readonly string[];
  readonly attempt_offsets_ms_bucket?: readonly number[];
  readonly upstream?: RecordedUpstream;
  readonly other_upstream_requests?: readonly RecordedUpstream[];
  readonly upstream_connections?: Counts;
  readonly log?: RecordedLog | null;
  readonly count?: number;
  readonly by_backend?: Counts;
  readonly by_status?: Counts;
  readonly by_log?: Counts;
  readonly upstream_hits_by_backend?: Counts;
  readonly upstream_hits_per_request?: Counts;
  readonly elapsed_ms_histogram?: Counts;
  readonly backend_sequence?: readonly string[];
  readonly status_sequence?: readonly number[];
}

export type Counts = Readonly<Record<string, number>>;

export interface RequestSpec {
  readonly listener?: number;
  readonly method?: string;
  readonly path?: string;
  readonly authority?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | readonly HeaderPair[];
  readonly body?: string;
  readonly chunked?: boolean;
  readonly expectContinue?: boolean;
  readonly raw?: string;
  readonly http?: string;
  readonly protocol?: string;
  readonly tls?: unknown;
  readonly sni?: string;
  readonly stats?: unknown;
  readonly ws?: boolean;
  readonly address?: string;
  readonly after101?: string;
  readonly localAddress?: string;
  readonly wait_ms?: number;
  readonly repeat?: number;
  readonly gap_ms?: number;
  readonly parallel?: boolean;
  readonly stagger_ms?: number;
  readonly background?: boolean;
  readonly settle_ms?: number;
  readonly client_timeout_ms?: number;
  readonly sequence?: number;
  readonly connections?: boolean;
  readonly unstable?: readonly string[];
  readonly outcome?: Outcome;
  readonly outcome_second_run?: Outcome;
}

export interface Scenario {
  readonly name: string;
  readonly area: string;
  readonly description: string;
  readonly role: 'sidecar' | 'gateway' | 'inbound';
  readonly proxy?: {
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly locality?: string;
  };
  readonly mesh?: string;
  readonly networks?: string;
  readonly listeners: readonly number[];
  readonly backends: readonly BackendSpec[];
  readonly fixed_ports?: boolean;
  readonly config: string;
  readonly config_rejected?: boolean;
  readonly validation?: readonly string[];
  readonly envoy_rejects_config?: boolean;
  readonly requests: readonly RequestSpec[];
}

/** All scenarios of a folder, by area in alphabetical order. */
export function readScenarios(folder: string): Scenario[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { scenarios } = JSON.parse(text) as { scenarios: Scenario[] };
    return scenarios.map((scenario) => withProtocols(scenario, basename(folder)));
  });
}

/** Backends of the first set speak HTTP/1.1 alone. */
function withProtocols(scenario: Scenario, set: string): Scenario {
  const http2 = set !== 'istio-envoy';
  return { ...scenario, backends: scenario.backends.map((spec) => ({ ...spec, http2 })) };
}

/** Why a scenario cannot be played yet, or null. */
export function unsupportedScenario(scenario: Scenario): string | null {
  if (scenario.envoy_rejects_config === true) return 'Envoy refused the configuration: no outcome';
  if (scenario.role === 'inbound') return 'the inbound role is not played yet';
  const secure = scenario.requests.some((request) => request.tls !== undefined);
  if (secure) return 'TLS listeners are not supported yet';
  const backend = scenario.backends.find(({ type }) => type !== undefined);
  if (backend !== undefined) return `backends of type ${backend.type} are not played yet`;
  return null;
}

/** Why one request of a playable scenario cannot be sent, or null. */
export function unsupportedRequest(request: RequestSpec): string | null {
  if (request.protocol !== undefined) return `protocol ${request.protocol} is not played yet`;
  if (request.stats !== undefined) return 'counters are not compared yet';
  if (request.ws !== undefined) return 'WebSocket requests of the second set are not played yet';
  if (request.outcome === undefined) return 'no outcome was recorded';
  return null;
}

/** `${repeat:x:3}` written out. */
export function expandRepeats(text: string): string {
  return text.replace(/\$\{repeat:([\s\S]):(\d+)\}/g, (_, char: string, count: string) =>
    char.repeat(Number(count)),
  );
}

/** `${port:NAME}` and `${listen:80}` replaced by the ports of this run. */
export function fillPorts(
  text: string,
  backends: ReadonlyMap<string, number>,
  listeners: ReadonlyMap<number, number>,
): string {
  return text
    .replace(/\$\{port:([^}]+)\}/g, (all, name: string) => String(backends.get(name) ?? all))
    .replace(/\$\{listen:(\d+)\}/g, (all, port: string) => String(listeners.get(+port) ?? all));
}
