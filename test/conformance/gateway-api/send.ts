/** One request as a client of the conformance suite sends it, and what came back. */

import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { request as requestHttps } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { within } from '../../support/deadline.ts';
import type { KeyPair } from './certificates.ts';
import type { Echo } from './echo-answer.ts';
import { grpcMessage } from './echo-pods.ts';

export interface Outgoing {
  readonly port: number;
  readonly protocol: 'http1' | 'h2' | 'grpc' | 'tcp' | 'websocket';
  readonly tls: ClientTls | null;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ClientTls {
  readonly serverName: string;
  readonly authority: string;
  readonly pair: KeyPair | null;
}

export interface Answer {
  /** Status of HTTP; 0 where nothing came. */
  readonly status: number;
  /** Of gRPC; null where there is none. */
  readonly grpcStatus: number | null;
  /** Names in lower case, values joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** null: the answer is not from an echo server. */
  readonly echo: Echo | null;
  /** Why nothing came. */
  readonly failure: string | null;
}

const patienceMs = 10_000;

/** Connections in clear text are used again; they end with their proxy. */
const agent = new Agent({ keepAlive: true });

export async function send(outgoing: Outgoing): Promise<Answer> {
  const what = `${outgoing.method} ${outgoing.host}${outgoing.path}`;
  try {
    return await within(patienceMs, what, sendBy(outgoing));
  } catch (error) {
    const { message } = error as Error;
    const failure = message === '' ? String(error) : message;
    return { status: 0, grpcStatus: null, headers: new Map(), echo: null, failure };
  }
}

function sendBy(outgoing: Outgoing): Promise<Answer> {
  switch (outgoing.protocol) {
    case 'http1':
      return sendHttp1(outgoing);
    case 'h2':
    case 'grpc':
      return sendHttp2(outgoing);
    case 'tcp':
      return sendBytes(outgoing);
    case 'websocket':
      return sendMessages(outgoing);
  }
}

function tlsOptions(tls: ClientTls | null) {
  if (tls === null) return {};
  return { servername: tls.serverName, ca: tls.authority, ...tls.pair, agent: false };
}

function sendHttp1({ port, tls, host, method, path, headers }: Outgoing): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start = tls === null ? requestHttp : requestHttps;
    const address = { host: '127.0.0.1', port, ...(tls === null ? { agent } : tlsOptions(tls)) };
    const request = start({ ...address, method, path, headers: { ...headers, host } });
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const fields = new Map<string, string>();
        for (const [name, values] of Object.entries(response.headersDistinct)) {
          fields.set(name, (values ?? []).join(','));
        }
        resolve(answered(response.statusCode ?? 0, fields, text));
      });
    });
    request.end();
  });
}

async function sendHttp2(outgoing: Outgoing): Promise<Answer> {
  const { port, tls } = outgoing;
  const scheme = tls === null ? 'http' : 'https';
  const session = connectHttp2(`${scheme}://127.0.0.1:${port}`, tlsOptions(tls));
  try {
    return await exchangeHttp2(session, outgoing, scheme);
  } finally {
    session.destroy();
  }
}

function exchangeHttp2(
  session: ClientHttp2Session,
  { protocol, host, method, path, headers }: Outgoing,
  scheme: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const isGrpc = protocol === 'grpc';
    const stream = session.request(
      {
        ':method': method,
        ':path': path,
        ':scheme': scheme,
        ':authority': host,
        ...lowerCase(headers),
        ...(isGrpc ? { te: 'trailers', 'content-type': 'application/grpc' } : {}),
      },
      { endStream: !isGrpc },
    );
    if (isGrpc) stream.end(grpcMessage('{}'));
    const fields = new Map<string, string>();
    const note = (all: OutgoingHttpHeaders): void => {
      for (const [name, value] of Object.entries(all)) fields.set(name, String(value));
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('error', reject);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = body.subarray(isGrpc ? 5 : 0).toString();
      resolve(answered(Number(fields.get(':status') ?? 0), fields, text));
    });
  });
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function sendBytes({ port, tls }: Outgoing): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const address = { host: '127.0.0.1', port };
    const socket: Socket =
      tls === null ? connectTcp(address) : connectTls({ ...address, ...tlsOptions(tls) });
    const chunks: Buffer[] = [];
    socket.on(tls === null ? 'connect' : 'secureConnect', () => socket.write('hello'));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString();
      if (text === '') reject(new Error('the connection ended without an answer'));
      else resolve(answered(200, new Map([['content-type', 'application/json']]), text));
    });
  });
}

/** A text and bytes, which must come back as they are. */
function sendMessages({ port, host, path }: Outgoing): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { host } });
    const messages = ['a text', Buffer.from([1, 2, 3, 4, 5, 6, 7])];
    const back: boolean[] = [];
    socket.on('error', reject);
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    socket.on('message', (data: Buffer, isBinary) => {
      const sent = messages[back.length] as string | Buffer;
      back.push(isBinary === Buffer.isBuffer(sent) && data.equals(Buffer.from(sent)));
      if (back.length < messages.length) return;
      socket.terminate();
      if (back.every(Boolean)) resolve(answered(101, new Map(), ''));
      else reject(new Error('a message came back changed'));
    });
  });
}

function answered(status: number, headers: ReadonlyMap<string, string>, text: string): Answer {
  const grpcStatus = headers.get('grpc-status');
  return {
    status,
    grpcStatus: grpcStatus === undefined ? null : Number(grpcStatus),
    headers,
    echo: text.startsWith('{') ? (JSON.parse(text) as Echo) : null,
    failure: null,
  };
}
