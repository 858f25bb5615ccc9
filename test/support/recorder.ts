/** What the backends of one recorded scenario saw: requests, connections, attempts by case. */

import type { HeaderPair } from './http-reader.ts';

/** The TLS side of a request or connection, as the backend saw it. */
export interface SeenTls {
  readonly alpn: string | null;
  readonly sni: string | null;
  /** Common name of the client's certificate. */
  readonly client_cert: string | null;
}

export interface RecordedRequest {
  readonly backend: string;
  /** `x-case-id`; empty where the request had none. */
  readonly caseId: string;
  /** performance.now() at its arrival. */
  readonly at: number;
  readonly kind:
    | 'request'
    | 'upgrade'
    | 'connect'
    | 'extended-connect'
    | 'checkContinue'
    | 'checkExpectation';
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
  /** Without the control headers. */
  readonly headers: readonly HeaderPair[];
  /** Complete once the request has been read. */
  readonly body: Buffer[];
  readonly tls: SeenTls | null;
  trailers: readonly HeaderPair[];
  /** Error code with which its HTTP/2 stream ended; 0 for none. */
  resetCode: number;
  /** Its client left before the answer. */
  aborted: boolean;
  /** Bytes that came after the upgrade. */
  upgradeBytes: number;
}

/** A header of the PROXY protocol. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Version 1: the line without its end. */
  readonly line?: string;
  /** Version 2. */
  readonly command?: 'LOCAL' | 'PROXY';
  readonly family?: string;
  readonly source?: string;
  readonly destination?: string;
}

/** A connection to a `tcp` backend, or one whose TLS handshake failed. */
export interface RecordedConnection {
  readonly backend: string;
  readonly kind: 'tcp' | 'tls-error';
  /** latin1, without the PROXY protocol header. */
  received: string;
  proxyHeader: ProxyHeader | null;
  /** What OpenSSL said of a failed handshake. */
  readonly error: string | null;
}

/** What all backends of one scenario share. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly connections: RecordedConnection[] = [];
  readonly #attempts = new Map<string, number>();

  /** Records a request and returns which attempt of its case it is, from 0. */
  add(request: RecordedRequest): number {
    this.requests.push(request);
    const attempt = this.#attempts.get(request.caseId) ?? 0;
    this.#attempts.set(request.caseId, attempt + 1);
    return attempt;
  }

  ofCase(caseId: string): RecordedRequest[] {
    return this.requests.filter((request) => request.caseId === caseId);
  }
}
