/** Sends the requests of a case to one proxy, and tells what came of them. */

import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { eventually } from '../../support/deadline.ts';
import type { Backends, Seen } from './backends.ts';
import type { CaseRequest } from './cases.ts';

export interface Edge {
  readonly httpPort: number;
  readonly httpsPort: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** null: the proxy has answered itself. */
  readonly seen: Seen | null;
}

/** What is compared, by name. */
export type Outcome = Readonly<Record<string, unknown>>;

const corsHeaders = ['origin', 'credentials', 'methods', 'headers'].map(
  (name) => `access-control-allow-${name}`,
);
const otherCorsHeaders = ['access-control-expose-headers', 'access-control-max-age'];

export class Exchange {
  readonly #edge: Edge;
  readonly #backends: Backends;
  readonly #agent = new PlainAgent({ keepAlive: true });
  readonly #tlsAgent = new TlsAgent({ keepAlive: true });

  constructor(edge: Edge, backends: Backends) {
    this.#edge = edge;
    this.#backends = backends;
  }

  close(): void {
    this.#agent.destroy();
    this.#tlsAgent.destroy();
  }

  async outcome(request: CaseRequest): Promise<Outcome> {
    this.#backends.mirrored.splice(0);
    const answers = await this.#answers(request);
    const endpoints = new Set(answers.map(({ seen }) => seen?.endpoint));
    switch (request.show) {
      case 'services':
        return { services: [...new Set(answers.map(({ seen }) => seen?.service))].sort() };
      case 'endpoints':
      case 'stickiness':
      case 'spread':
        return { endpoints: endpoints.size };
      case 'cookie':
        return { cookie: cookieForm(answers[0]) };
      default: {
        const all = answers.map((answer) => shown(answer, request));
        if (request.times === 1) return { ...all[0], ...(await this.#mirrored(request)) };
        return { answers: all.map((each) => JSON.stringify(each)).sort() };
      }
    }
  }

  async #answers(request: CaseRequest): Promise<Answer[]> {
    if (request.together) return this.#together(request);
    const answers: Answer[] = [];
    let cookie: string | null = null;
    for (let count = 0; count < request.times; count += 1) {
      const answer = await this.#send(request, cookie);
      if (request.show === 'stickiness') cookie ??= firstCookie(answer)?.split(';', 1)[0] ?? null;
      answers.push(answer);
    }
    return answers;
  }

  /** The services answer when everything that gets through has come. */
  async #together(request: CaseRequest): Promise<Answer[]> {
    let answered = 0;
    const sent = Array.from({ length: request.times }, async () => {
      const answer = await this.#send(request, null);
      answered += 1;
      return answer;
    });
    await eventually('all requests are held or refused', { within: 5000 }, () => {
      return answered + this.#backends.held === request.times;
    });
    this.#backends.release();
    return Promise.all(sent);
  }

  async #mirrored({ mirrored }: CaseRequest): Promise<Outcome> {
    if (!mirrored) return {};
    const seen = await eventually('a copy comes', { within: 5000 }, () => {
      return this.#backends.mirrored[0] ?? null;
    });
    const { method, path, bodyBytes } = seen;
    return { copies: this.#backends.mirrored.length, copy: `${method} ${path} ${bodyBytes}` };
  }

  /** Clients that come for the first time have connections of their own. */
  #agentFor({ show }: CaseRequest): PlainAgent | false {
    return show === 'spread' ? false : this.#agent;
  }

  #send(request: CaseRequest, cookie: string | null): Promise<Answer> {
    const [method = '', path = ''] = request.ask.split(' ');
    const body = Buffer.alloc(request.body);
    const length = request.chunked
      ? { 'transfer-encoding': 'chunked' }
      : { 'content-length': String(body.length) };
    const options = {
      host: '127.0.0.1',
      method,
      path,
      headers: {
        host: request.host,
        ...request.headers,
        ...(cookie === null ? {} : { cookie }),
        ...(body.length === 0 ? {} : length),
      },
    };
    return new Promise((resolve, reject) => {
      const onResponse = (response: IncomingMessage): void => {
        readAnswer(response).then(resolve, reject);
      };
      const sent = request.tls
        ? tlsRequest(
            {
              ...options,
              port: this.#edge.httpsPort,
              agent: this.#tlsAgent,
              servername: request.host,
              rejectUnauthorized: false,
            },
            onResponse,
          )
        : plainRequest(
            { ...options, port: this.#edge.httpPort, agent: this.#agentFor(request) },
            onResponse,
          );
      sent.once('error', reject);
      sent.end(body);
    });
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    seen: text.startsWith('{"service"') ? (JSON.parse(text) as Seen) : null,
  };
}

function shown({ status, headers, seen }: Answer, request: CaseRequest): Outcome {
  const fields = request.seen.map((name) => [`sent ${name}`, seen?.headers[name] ?? null]);
  const cors =
    request.show === 'cors'
      ? [...corsHeaders, ...otherCorsHeaders].map((name) => [name, listOf(headers[name])])
      : [];
  return {
    status,
    location: headers.location ?? null,
    service: seen?.service ?? null,
    sent: seen === null ? null : `${seen.method} ${seen.path} ${seen.bodyBytes}`,
    host: seen?.headers.host ?? seen?.headers[':authority'] ?? null,
    ...Object.fromEntries([...fields, ...cors]),
  };
}

/** Blanks behind commas mean nothing. */
function listOf(value: string | string[] | undefined): string | null {
  return value === undefined ? null : String(value).replaceAll(', ', ',');
}

function firstCookie({ headers }: Answer): string | undefined {
  return headers['set-cookie']?.[0];
}

/** `Httponly` and `HttpOnly` are the same, in any order. */
function cookieForm(answer: Answer | undefined): string[] {
  const [pair = '', ...attributes] = (
    answer === undefined ? '' : (firstCookie(answer) ?? '')
  ).split('; ');
  const form = attributes.map((attribute) => attribute.toLowerCase()).sort();
  return [pair.split('=', 1)[0] ?? '', ...form];
}
