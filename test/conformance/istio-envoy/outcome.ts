/** Turns what was seen of a request into the form in which outcomes are recorded. */

import type { HeaderPair } from '../../support/http-reader.ts';
import type { RecordedRequest } from '../../support/recording-backend.ts';
import type { Played } from './play.ts';
import { answeredBy, type ClientResult } from './request-bytes.ts';
import type { Outcome, RecordedLog, RecordedUpstream } from './scenario.ts';

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
  const common: Outcome = {
    upstream_attempts: arrived.length,
    elapsed_ms_bucket: bucket(result.elapsedMs),
    attempt_backends: arrived.map(({ backend }) => backend),
    attempt_offsets_ms_bucket: arrived.map(({ at }) => bucket(at - (arrived[0]?.at ?? at))),
    upstream_connections: played.connections,
    log,
  };
  const { response } = result;
  if (response === null) return { ...common, client_error: result.error ?? 'closed' };
  const backend = answeredBy(response);
  const answering = arrived.findLast((request) => request.backend === backend) ?? arrived.at(-1);
  const others = arrived.filter((request) => request !== answering).map(upstreamOf);
  others.sort((a, b) => a.backend.localeCompare(b.backend));
  return {
    ...common,
    status: response.status,
    http_version: response.httpVersion,
    interim: response.interim,
    response_headers: response.headers.filter(([name]) => !/^(date|x-backend)$/i.test(name)),
    backend,
    response_body: result.echoed ?? response.body.toString('latin1').slice(0, bodyLimit),
    truncated: response.truncated,
    ...(answering === undefined ? {} : { upstream: upstreamOf(answering) }),
    other_upstream_requests: others,
  };
}

function upstreamOf(request: RecordedRequest): RecordedUpstream {
  const body = Buffer.concat(request.body);
  return {
    backend: request.backend,
    method: request.method,
    path: request.path,
    http_version: request.httpVersion,
    kind: request.kind,
    headers: request.headers as readonly HeaderPair[],
    body_length: body.length,
    body: body.toString('latin1'),
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

function backendOf({ response, error }: ClientResult): string {
  return response === null ? `error:${error}` : (answeredBy(response) ?? '-');
}

function bucket(ms: number): number {
  return Math.round(ms / 100) * 100;
}

function count(tally: Tally, key: string): void {
  tally[key] = (tally[key] ?? 0) + 1;
}
