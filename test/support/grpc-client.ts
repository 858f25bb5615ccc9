/** A grpc-js client of a `GrpcService`; what a call ends with is a value, whatever its status. */

import type { EventEmitter } from 'node:events';
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
  type status,
} from '@grpc/grpc-js';
import type { Test } from 'tap';
import type { Ask, GrpcService, Message, Method } from './grpc-service.ts';
import { pem } from './tls-fixtures.ts';

export interface Outcome {
  readonly messages: readonly Message[];
  /** Of the head of the response; null where it is none, or trailers alone. */
  readonly initial: Metadata | null;
  readonly code: status;
  readonly details: string;
  readonly trailing: Metadata;
}

export interface GrpcCallOptions extends CallOptions {
  /** Fields of the request; names that end in `-bin` take bytes. */
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
}

/** Without an answer by then a call has failed, unless it says something else. */
const patienceMs = 20_000;

export class GrpcClient {
  readonly service: GrpcService;
  readonly #client: Client;

  constructor(service: GrpcService, address: string, options: GrpcClientOptions = {}) {
    this.service = service;
    this.#client = new Client(address, options.credentials ?? credentials.createInsecure(), {
      ...options.channel,
      // Each client has a connection of its own.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  close(): void {
    this.#client.close();
  }

  ping(options?: GrpcCallOptions): Promise<Outcome> {
    return this.unary(this.service.ping, {}, options);
  }

  ask(ask: Ask, options?: GrpcCallOptions): Promise<Outcome> {
    return this.unary(this.service.unary, this.service.writeAsk(ask), options);
  }

  /** One message, one answer. */
  unary(method: Method, message: Message, options: GrpcCallOptions = {}): Promise<Outcome> {
    return single((answered) =>
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        message,
        metadataOf(options),
        withDeadline(options),
        answered,
      ),
    );
  }

  /** Many messages, one answer. */
  upload(asks: readonly Ask[], options: GrpcCallOptions = {}): Promise<Outcome> {
    const { upload } = this.service;
    return single((answered) => {
      const call = this.#client.makeClientStreamRequest(
        upload.path,
        upload.requestSerialize,
        upload.responseDeserialize,
        metadataOf(options),
        withDeadline(options),
        answered,
      );
      for (const ask of asks) call.write(this.service.writeAsk(ask));
      call.end();
      return call;
    });
  }

  /** One message, many answers. */
  download(ask: Ask, options: GrpcCallOptions = {}): Promise<Outcome> {
    const { download } = this.service;
    return collect(
      this.#client.makeServerStreamRequest(
        download.path,
        download.requestSerialize,
        download.responseDeserialize,
        this.service.writeAsk(ask),
        metadataOf(options),
        withDeadline(options),
      ),
    );
  }

  /** Messages both ways, as the test goes along. */
  chat(options: GrpcCallOptions = {}): ClientDuplexStream<Message, Message> {
    const { chat } = this.service;
    return this.#client.makeBidiStreamRequest(
      chat.path,
      chat.requestSerialize,
      chat.responseDeserialize,
      metadataOf(options),
      withDeadline(options),
    );
  }
}

export interface GrpcClientOptions {
  readonly credentials?: ChannelCredentials;
  readonly channel?: ClientOptions;
}

/** In clear text, closed when the test ends. */
export function h2cClient(t: Test, service: GrpcService, port: number, channel?: ClientOptions) {
  const client = new GrpcClient(service, `127.0.0.1:${port}`, { channel: channel ?? {} });
  t.teardown(() => client.close());
  return client;
}

/** Over TLS as `a.example.com`, whom the authority of the fixtures vouches for. */
export function tlsGrpcClient(
  t: Test,
  service: GrpcService,
  port: number,
  channel?: ClientOptions,
) {
  const client = new GrpcClient(service, `127.0.0.1:${port}`, {
    credentials: credentials.createSsl(Buffer.from(pem('authority'))),
    channel: {
      'grpc.ssl_target_name_override': 'a.example.com',
      'grpc.default_authority': 'a.example.com',
      ...channel,
    },
  });
  t.teardown(() => client.close());
  return client;
}

/** Everything that a stream of answers brings. */
export function collect(call: EventEmitter): Promise<Outcome> {
  return new Promise((resolve) => {
    const seen = emptyOutcome();
    call.on('metadata', (initial: Metadata) => {
      seen.initial = initial;
    });
    call.on('data', (message: Message) => seen.messages.push(message));
    // The status tells the same.
    call.on('error', () => undefined);
    call.on('status', (end: StatusObject) => resolve(outcome(seen, end)));
  });
}

interface Seen {
  readonly messages: Message[];
  initial: Metadata | null;
}

const emptyOutcome = (): Seen => ({ messages: [], initial: null });

type Answered = (error: ServiceError | null, answer?: Message) => void;

/** What a call with one answer ends with. */
function single(start: (answered: Answered) => EventEmitter): Promise<Outcome> {
  return new Promise((resolve) => {
    const seen = emptyOutcome();
    let failure: ServiceError | null = null;
    const call = start((error, answer) => {
      failure = error;
      if (answer !== undefined) seen.messages.push(answer);
    });
    call.on('metadata', (initial: Metadata) => {
      seen.initial = initial;
    });
    // After the answer; an answer that is missing is an error of the client alone.
    call.on('status', (end: StatusObject) => resolve(outcome(seen, failure ?? end)));
  });
}

function outcome(seen: Seen, end: Pick<StatusObject, 'code' | 'details' | 'metadata'>): Outcome {
  const { code, details, metadata } = end;
  return { ...seen, code, details, trailing: metadata };
}

function metadataOf(options: GrpcCallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  return metadata;
}

function withDeadline({ metadata: _, ...options }: GrpcCallOptions): CallOptions {
  return { deadline: Date.now() + patienceMs, ...options };
}
