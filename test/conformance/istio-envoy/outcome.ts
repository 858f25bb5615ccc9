/** Turns what was seen of a request into the form in which outcomes are recorded. */

import { headerValue } from '../../support/http-reader.ts';
import type { RecordedConnection, RecordedRequest } from '../../support/recorder.ts';
import type { Played } from './play.ts';
import type { Outcome, RecordedLog, RecordedUpstream, SeenConnection } from './scenario.ts';
import { answeredBy, type ClientResult } from './send-request.ts';

type Logs = ReadonlyMap<string, RecordedLog>;
type Tally = Record<string, number>;

/** The longest text kept of a response body. */
const bodyLimit = 300;

export function actualOutcome(played: Played, logs: Logs): Outcome {
  const [only] = played.results;
  if (played.request.background === true) return { background: true };
  const counted = played.request.outcome?.count !== undefined;
  return counted || only === undefined ? repeated(played, logs) : single(played, only, logs);
}

function single(played: Played, result: ClientResult, logs: Logs): Outcome {
  const arrived = played.upstream.get(result.caseId) ?? [];
  const log = logs.get(result.caseId) ?? null;
  const { response, error, held } = result;
  const common: Outcome = {
    ...(result.tls === null ? {} : { tls: result.tls }),
    ...(error === null || result.aborted ? {} : { client_error: error }),
    ...(result.aborted ? { client_aborted: true } : {}),
    ...(held === 'open' ? { held_open: true } : {}),
    ...(held === 'closed' ? { closed_by_proxy: true } : {}),
    ...framesOf(result),
    upstream_attempts: arrived.length,
    elapsed_ms_bucket: bucket(result.elapsedMs),
    attempt_backends: arrived.map(({ backend }) => backend),
    attempt_offsets_ms_bucket: arrived.map(({ at }) => bucket(at - (arrived[0]?.at ?? at))),
    upstream_connections: played.connections,
    upstream_connections_seen: played.seen.map(connectionOf),
    log,
  };
  if (result.received !== null) {
    return { ...common, received: result.received, upstream: played.seen.map(connectionOf) };
  }
  const backend = response === null ? null : answeredBy(response);
  const answering = arrived.findLast((request) => request.backend === backend) ?? arrived.at(-1);
  const others = arrived.filter((request) => request !== answering).map(upstreamOf);
  others.sort((a, b) => a.backend.localeCompare(b.backend));
  const asked = answering === undefined ? {} : { upstream: upstreamOf(answering) };
  if (response === null) return { ...common, ...asked };
  return {
    ...common,
    ...asked,
    status: response.status,
    // That the client speaks HTTP/2 is no part of the outcome.
    ...(result.h2 === null ? { http_version: response.httpVersion } : {}),
    interim: response.interim,
    response_headers: response.headers.filter(([name]) => !/^(date|x-backend)$/i.test(name)),
    backend,
    response_body: result.echoed ?? response.body.toString('latin1').slice(0, bodyLimit),
    response_trailers: response.trailers,
    truncated: response.truncated,
    other_upstream_requests: others,
  };
}

/** What only HTTP/2 has. */
function framesOf({ h2 }: ClientResult): Outcome {
  if (h2 === null) return {};
  return {
    ...(h2.resetCode === null ? {} : { rst_code: h2.resetCode }),
    ...(h2.goawayCode === null ? {} : { goaway_code: h2.goawayCode }),
    ...(h2.endStreamOnHeaders ? { end_stream_on_headers: true } : {}),
    enable_connect_protocol: h2.enableConnectProtocol,
  };
}

function connectionOf(connection: RecordedConnection): SeenConnection {
  const { backend, kind, received, proxyHeader, error } = connection;
  if (error !== null) return { backend, kind, error };
  if (proxyHeader === null) return { backend, kind, received };
  return { backend, kind, received, proxy_protocol: proxyHeader };
}

function upstreamOf(request: RecordedRequest): RecordedUpstream {
  const body = Buffer.concat(request.body);
  const isGrpc = headerValue(request.headers, 'content-type')?.startsWith('application/grpc');
  return {
    backend: request.backend,
    method: request.method,
    path: request.path,
    http_version: request.httpVersion,
    kind: request.kind,
    headers: request.headers,
    body_length: body.length,
    body: body.toString(isGrpc === true ? 'hex' : 'latin1'),
    trailers: request.trailers,
    tls: request.tls,
    rst_code: request.resetCode,
    aborted: request.aborted,
    upgrade_bytes: request.upgradeBytes,
  };
}

function repeated(played: Played, logs: Logs): Outcome {
  const byBackend: Tally = {};
  const byStatus: Tally = {};
  const byLog: Tally = {};
  const hitsByBackend: Tally = {};
  const hitsPerRequest: Tally = {};
  const histogram: Tally = {};
  for (const result of played.results) {
    const arrived = played.upstream.get(result.caseId) ?? [];
    const log = logs.get(result.caseId);
    const status = result.response?.status ?? 'error';
    count(byBackend, backendOf(result));
    count(byStatus, String(status));
    count(byLog, log === undefined ? 'null' : `${status} ${log.flags} ${log.details}`);
    for (const { backend } of arrived) count(hitsByBackend, backend);
    count(hitsPerRequest, String(arrived.length));
    count(histogram, String(bucket(result.elapsedMs)));
  }
  const first = played.results.slice(0, played.request.sequence ?? 0);
  return {
    count: played.results.length,
    by_backend: byBackend,
    by_status: byStatus,
    by_log: byLog,
    upstream_hits_by_backend: hitsByBackend,
    upstream_hits_per_request: hitsPerRequest,
    elapsed_ms_histogram: histogram,
    backend_sequence: first.map(backendOf),
    status_sequence: first.map((result) => result.response?.status ?? 0),
    upstream_connections: played.connections,
  };
}

function backendOf({ response, error, received, held }: ClientResult): string {
  if (received !== null && received !== '') return received.slice(0, received.indexOf(':'));
  if (received !== null && error === null) return held === 'closed' ? 'closed' : (held ?? '-');
  return response === null ? `error:${error}` : (answeredBy(response) ?? '-');
}

function bucket(ms: number): number {
  return Math.round(ms / 100) * 100;
}

function count(tally: Tally, key: string): void {
  tally[key] = (tally[key] ?? 0) + 1;
}
