/** Sends requests to the proxy under load, in whatever protocol. */

import type { LoadRequest } from '../request-mix.ts';
import type { AnswerListener } from './answer-reader.ts';

export interface LoadClient {
  /** Sends it as soon as a connection is free. The result gives the request up. */
  send(request: LoadRequest, listener: AnswerListener): () => void;
  close(): Promise<void>;
}

export interface LoadClientOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly timeoutMs: number;
  /** Header of answers with the name of the route, in lower case; null: none has. */
  readonly routeHeader: string | null;
  /** null: plain text. */
  readonly tls: {
    readonly serverName: string;
    /** In PEM; null: those of the system. */
    readonly ca: string | null;
    readonly insecure: boolean;
  } | null;
}

/** `HOST:PORT` as an origin. */
export function originOf({ host, port, tls }: LoadClientOptions): string {
  return `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

interface TlsConnectOptions {
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  readonly ca?: string;
}

/** As `tls.connect` takes them; nothing for plain text. */
export function tlsConnectOptions({ tls }: LoadClientOptions): TlsConnectOptions {
  if (tls === null) return {};
  const { serverName, ca, insecure } = tls;
  const trusted = ca === null ? {} : { ca };
  return { servername: serverName, rejectUnauthorized: !insecure, ...trusted };
}
