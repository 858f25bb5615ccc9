/** What is measured: how clients speak, how endpoints do, and where everything listens. */

export type Protocol = 'tls' | 'h2' | 'grpc';

export interface ProtocolRow {
  readonly protocol: Protocol;
  readonly title: string;
  /** Clients come by TLS. */
  readonly isTls: boolean;
  /** Endpoints speak HTTP/2 (in clear text, with prior knowledge). */
  readonly isHttp2Upstream: boolean;
  readonly endpointPorts: readonly number[];
  /** Of h2load. */
  readonly load: readonly string[];
}

export const path = '/shop.Cart/Get';
/** Body of every response, 23 bytes. */
export const responseBody = 'hello from the upstream';
export const proxyPort = 18_080;
export const adminPort = 18_090;
export const endpointPorts: readonly number[] = [18_101, 18_102];

/** `messageFile`: one gRPC message, framed. */
export function protocolRows(messageFile: string): readonly ProtocolRow[] {
  const http2Load = ['-c', '16', '-m', '8'];
  return [
    {
      protocol: 'tls',
      title: 'HTTP/1.1 by TLS 1.3 (P-256), 64 connections; endpoints HTTP/1.1',
      isTls: true,
      isHttp2Upstream: false,
      endpointPorts,
      load: ['--h1', '-c', '64'],
    },
    {
      protocol: 'h2',
      title: 'HTTP/2 in clear text, 8 streams on each of 16 connections; endpoints HTTP/1.1',
      isTls: false,
      isHttp2Upstream: false,
      endpointPorts,
      load: http2Load,
    },
    {
      protocol: 'grpc',
      title: 'unary gRPC, 8 streams on each of 16 connections; endpoints HTTP/2',
      isTls: false,
      isHttp2Upstream: true,
      endpointPorts: endpointPorts.slice(0, 1),
      load: [
        ...http2Load,
        ...['-d', messageFile, '-H', 'content-type: application/grpc', '-H', 'te: trailers'],
      ],
    },
  ];
}

/** A certificate and its key, PEM, in files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface ProtocolPeer {
  readonly name: string;
  /** Writes its configuration into `folder` and says how to start it; null: not installed. */
  prepare(folder: string, row: ProtocolRow, certificate: Certificate): readonly string[] | null;
}
