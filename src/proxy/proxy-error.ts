/**
 * How an exchange can fail, and the one table that turns a failure into status, response flag and
 * response code details (Envoy's words, as recorded from Envoy 1.40).
 */

import { responseFlag } from '../telemetry/response-flags.ts';

export type ProxyErrorCode =
  | 'connect-refused'
  | 'connect-timeout'
  | 'connection-termination'
  | 'reset'
  | 'refused-stream'
  | 'remote-reset'
  | 'upgrade-not-allowed'
  | 'protocol-error'
  | 'overflow'
  | 'no-healthy-upstream'
  | 'no-cluster'
  | 'per-try-timeout'
  | 'per-try-idle-timeout'
  | 'route-timeout'
  | 'stream-idle-timeout';

/** Envoy's words for why a connection could not be made; null for other failures. */
export function transportFailure(code: ProxyErrorCode, message: string): string | null {
  // What TLS says, it says itself.
  if (message.startsWith('TLS')) return message;
  // Of an endpoint that goes away during a handshake nothing is known.
  if (code !== 'connect-refused' || message === '') return null;
  const text = message.includes('ECONNREFUSED') ? 'Connection refused' : message;
  return `delayed connect error: ${text}`;
}

interface Outcome {
  readonly status: number;
  readonly flag: number;
  readonly details: string;
  /** Body of the local reply; `{reason}` texts are made in `resetBody`. */
  readonly body: string;
  /** Envoy's name of the reset reason; null for failures that are not resets. */
  readonly reason: string | null;
}

export class ProxyError {
  readonly code: ProxyErrorCode;
  /** The system's words for it, empty if there are none. */
  readonly message: string;
  /** The endpoint had begun to answer, with a 1xx. */
  readonly isLate: boolean;

  constructor(code: ProxyErrorCode, message = '', isLate = false) {
    this.code = code;
    this.message = message;
    this.isLate = isLate;
  }

  get outcome(): Outcome {
    return outcomes[this.code];
  }

  /** `%RESPONSE_CODE_DETAILS%` of the local reply. */
  get details(): string {
    const { details, reason } = this.outcome;
    if (reason === null) return details;
    const name = reason.replaceAll(' ', '_');
    const event = this.isLate ? 'upstream_reset_after_response_started' : details;
    return `${event}{${this.message === '' ? name : `${name}|${this.#transportFailure}`}}`;
  }

  /** Body of the local reply. */
  body(retried: boolean): string {
    const { body, reason } = this.outcome;
    if (reason === null) return body;
    const lead = retried ? 'retried and the latest reset reason' : 'reset reason';
    return `upstream connect error or disconnect/reset before headers. ${lead}: ${reason}`;
  }

  get #transportFailure(): string {
    return this.message.replaceAll(' ', '_');
  }
}

function reset(reason: string, flag: number, status = 503): Outcome {
  return { status, flag, details: 'upstream_reset_before_response_started', body: '', reason };
}

function plain(status: number, flag: number, details: string, body: string): Outcome {
  return { status, flag, details, body, reason: null };
}

const timeoutBody = 'upstream request timeout';

const outcomes: Readonly<Record<ProxyErrorCode, Outcome>> = {
  'connect-refused': reset('remote connection failure', responseFlag.upstreamConnectionFailure),
  'connect-timeout': reset('connection timeout', responseFlag.upstreamConnectionFailure),
  'connection-termination': reset('connection termination', responseFlag.upstreamTermination),
  reset: reset('connection termination', responseFlag.upstreamTermination),
  'refused-stream': reset('remote refused stream reset', responseFlag.upstreamRemoteReset),
  'remote-reset': reset('remote reset', responseFlag.upstreamRemoteReset),
  'protocol-error': reset('protocol error', responseFlag.upstreamProtocolError, 502),
  // Envoy sends it all the same, and what endpoints say of that is PROTOCOL_ERROR.
  'upgrade-not-allowed': reset('protocol error', responseFlag.upstreamProtocolError, 502),
  overflow: reset('overflow', responseFlag.upstreamOverflow),
  'no-healthy-upstream': plain(
    503,
    responseFlag.noHealthyUpstream,
    'no_healthy_upstream',
    'no healthy upstream',
  ),
  'no-cluster': plain(503, responseFlag.noCluster, 'cluster_not_found', ''),
  'per-try-timeout': plain(
    504,
    responseFlag.upstreamTimeout,
    'upstream_per_try_timeout',
    timeoutBody,
  ),
  'per-try-idle-timeout': plain(
    504,
    responseFlag.upstreamTimeout,
    'upstream_per_try_idle_timeout',
    timeoutBody,
  ),
  'route-timeout': plain(504, responseFlag.upstreamTimeout, 'response_timeout', timeoutBody),
  'stream-idle-timeout': plain(
    504,
    responseFlag.streamIdleTimeout,
    'stream_idle_timeout',
    'stream timeout',
  ),
};
