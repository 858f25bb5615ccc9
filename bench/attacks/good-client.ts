/**
 * A client that behaves: requests at a constant rate, whatever becomes of earlier ones, in turn
 * over connections that are kept and over new ones, on HTTP/1.1 and HTTP/2.
 */

import { type Agent, Agent as PlainAgent, request as requestPlain } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { authority, goodBody, goodPath, plainPort, tlsPort } from './setup.ts';

export const ways = ['HTTP/1.1 kept', 'HTTP/1.1 new', 'HTTP/2 kept', 'HTTP/2 new'] as const;
export type Way = (typeof ways)[number];

export interface Answer {
  readonly way: Way;
  /** From the sending to the last byte of the answer, or to the error. */
  readonly waitMs: number;
  /** How much later than due it was sent: this process had to wait for the machine. */
  readonly lateMs: number;
  /** `200` with the right body, another status, or an error. */
  readonly outcome: string;
}

const goodOutcome = '200';
/** An answer that takes longer is none. */
const giveUpMs = 5_000;
const tickMs = 2;

export function isGood({ outcome }: Answer): boolean {
  return outcome === goodOutcome;
}

export class GoodClient {
  readonly #origin: string;
  readonly #port: number;
  readonly #isTls: boolean;
  readonly #kept: Agent;
  #session: ClientHttp2Session | null = null;

  constructor(listener: 'plain' | 'tls') {
    this.#isTls = listener === 'tls';
    this.#port = this.#isTls ? tlsPort : plainPort;
    this.#origin = `${this.#isTls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
    const options = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity };
    this.#kept = this.#isTls ? new TlsAgent(options) : new PlainAgent(options);
  }

  /** Answers in the order in which the requests were sent. */
  async run(requestsPerSecond: number, seconds: number): Promise<readonly Answer[]> {
    const total = Math.round(requestsPerSecond * seconds);
    const pending: Promise<Answer>[] = [];
    const start = performance.now();
    while (pending.length < total) {
      const elapsed = (performance.now() - start) / 1000;
      const due = Math.min(total, Math.floor(elapsed * requestsPerSecond) + 1);
      while (pending.length < due) {
        const dueAt = start + (pending.length / requestsPerSecond) * 1000;
        pending.push(this.#send(ways[pending.length % ways.length] as Way, dueAt));
      }
      await pause(tickMs);
    }
    return Promise.all(pending);
  }

  close(): void {
    this.#kept.destroy();
    this.#session?.destroy();
    this.#session = null;
  }

  async #send(way: Way, dueAt: number): Promise<Answer> {
    const sentAt = performance.now();
    const outcome = await (way.startsWith('HTTP/1') ? this.#http1(way) : this.#http2(way));
    return { way, waitMs: performance.now() - sentAt, lateMs: sentAt - dueAt, outcome };
  }

  #http1(way: Way): Promise<string> {
    const send = this.#isTls ? requestTls : requestPlain;
    return new Promise((resolve) => {
      const outgoing = send({
        host: '127.0.0.1',
        port: this.#port,
        path: goodPath,
        headers: { host: authority },
        agent: way === 'HTTP/1.1 kept' ? this.#kept : false,
        rejectUnauthorized: false,
      });
      const giveUp = setTimeout(() => outgoing.destroy(new Error('no answer')), giveUpMs);
      const end = (outcome: string): void => {
        clearTimeout(giveUp);
        resolve(outcome);
      };
      outgoing.once('error', (error) => end(nameOf(error)));
      outgoing.once('response', (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (text: string) => {
          body += text;
        });
        response.once('error', (error) => end(nameOf(error)));
        response.once('end', () => end(outcomeOf(response.statusCode ?? 0, body)));
      });
      outgoing.end();
    });
  }

  async #http2(way: Way): Promise<string> {
    const isNew = way === 'HTTP/2 new';
    const session = isNew ? this.#openSession() : this.#keptSession();
    const outcome = await requestHttp2(session);
    if (isNew) session.close();
    return outcome;
  }

  #keptSession(): ClientHttp2Session {
    const session = this.#session;
    if (session !== null && !session.closed && !session.destroyed) return session;
    const opened = this.#openSession();
    this.#session = opened;
    return opened;
  }

  #openSession(): ClientHttp2Session {
    const session = connect(this.#origin, { rejectUnauthorized: false });
    session.on('error', () => undefined);
    return session;
  }
}

function requestHttp2(session: ClientHttp2Session): Promise<string> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': goodPath, ':authority': authority });
    const giveUp = setTimeout(() => stream.destroy(new Error('no answer')), giveUpMs);
    let status = 0;
    let body = '';
    let failure = 'closed';
    stream.once('response', (headers) => {
      status = headers[':status'] ?? 0;
    });
    stream.setEncoding('latin1').on('data', (text: string) => {
      body += text;
    });
    stream.on('error', (error) => {
      failure = nameOf(error);
    });
    stream.once('close', () => {
      clearTimeout(giveUp);
      resolve(status === 0 ? failure : outcomeOf(status, body));
    });
    stream.end();
  });
}

function outcomeOf(status: number, body: string): string {
  if (status !== 200) return String(status);
  return body === goodBody ? goodOutcome : 'wrong body';
}

function nameOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
