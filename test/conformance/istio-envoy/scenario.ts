/** The recorded scenarios as they are written in the data folder, and how to read them. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HeaderPair } from '../../support/http-reader.ts';
import type { ProxyHeader, SeenTls } from '../../support/recorder.ts';
import type { Stats } from './compare-stats.ts';

export interface BackendSpec {
  readonly name: string;
  readonly behavior?: string;
  readonly port?: number;
  readonly address?: string;
  readonly type?: string;
  readonly http2?: boolean;
  readonly banner?: string;
  readonly requestCert?: boolean;
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
  readonly trailers?: readonly HeaderPair[];
  readonly tls?: SeenTls | null;
  /** Error code of its HTTP/2 stream. */
  readonly rst_code?: number;
  readonly aborted?: boolean;
  readonly upgrade_bytes?: number;
}

/** A connection to a `tcp` backend. */
export interface SeenConnection {
  readonly backend: string;
  readonly kind: string;
  readonly received?: string;
  readonly proxy_protocol?: ProxyHeader;
  readonly error?: string;
}

/** What the client saw of a finished TLS handshake. */
export interface ClientTls {
  readonly version: string | null;
  readonly alpn: string | null;
  /** Name in `testdata/pki.json`. */
  readonly server_cert: string | null;
}

export interface RecordedLog {
  readonly flags?: string;
  readonly details?: string | null;
  readonly route?: string | null;
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
  /** A list: the connections of a tcp or tls client. */
  readonly upstream?: RecordedUpstream | readonly SeenConnection[];
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
  readonly tls?: ClientTls;
  readonly response_trailers?: readonly HeaderPair[];
  readonly rst_code?: string;
  readonly goaway_code?: string;
  readonly end_stream_on_headers?: boolean;
  readonly enable_connect_protocol?: number;
  readonly client_aborted?: boolean;
  readonly held_open?: boolean;
  readonly closed_by_proxy?: boolean;
  /** What a tcp or tls client got, latin1. */
  readonly received?: string;
  readonly upstream_connections_seen?: readonly SeenConnection[];
  /** Lines that the configuration of the scenario asks for: texts, or objects of JSON. */
  readonly access_log?: readonly unknown[];
  readonly stats?: Stats;
}

export type Counts = Readonly<Record<string, number>>;

export type HeaderSpec =
  | Readonly<Record<string, string | readonly string[]>>
  | readonly HeaderPair[];

/** How the client of a request speaks TLS. */
export interface TlsSpec {
  readonly sni?: string;
  /** null: no ALPN extension. */
  readonly alpn?: readonly string[] | null;
  /** Name in `testdata/pki.json`. */
  readonly client_cert?: string;
  readonly min?: string;
  readonly max?: string;
  readonly ciphers?: string;
}

export interface RequestSpec {
  readonly listener?: number;
  readonly method?: string;
  readonly path?: string;
  /** null: no Host header. */
  readonly authority?: string | null;
  readonly headers?: HeaderSpec;
  readonly body?: string;
  readonly chunked?: boolean;
  readonly expectContinue?: boolean;
  readonly raw?: string;
  readonly http?: string;
  readonly protocol?: string;
  /** true in the first set, which has `sni` beside it. */
  readonly tls?: true | TlsSpec;
  readonly sni?: string;
  /** Instead of a request: what the proxy has counted, of the names that `include` matches. */
  readonly stats?: { readonly include?: string };
  readonly ws?: boolean;
  readonly address?: string;
  readonly after101?: string;
  readonly after101_delay_ms?: number;
  readonly hold_ms?: number;
  readonly scheme?: string;
  readonly h2_headers?: readonly HeaderPair[];
  readonly trailers?: HeaderSpec;
  readonly keep_open?: boolean;
  readonly body_after_100?: boolean;
  readonly rst_after_ms?: number;
  readonly abort_after_ms?: number;
  readonly wait_settings?: boolean;
  readonly show_settings?: boolean;
  readonly force_h2?: boolean;
  readonly grpc_message?: string;
  readonly send?: string;
  readonly expect_bytes?: number;
  readonly read_ms?: number;
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
  /** The configuration says what is logged, on standard output, and outcomes have it. */
  readonly access_log?: boolean;
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
  return null;
}

/** Why one request of a playable scenario cannot be sent, or null. */
export function unsupportedRequest(request: RequestSpec): string | null {
  if (request.address !== undefined) return 'listeners on service addresses are not played yet';
  if (request.outcome === undefined) return 'no outcome was recorded';
  return null;
}

/** How a request speaks TLS, or null; the first set says it in another way. */
export function tlsOf(request: RequestSpec): TlsSpec | null {
  if (request.tls === undefined) return null;
  return request.tls === true ? { sni: request.sni ?? '' } : request.tls;
}
