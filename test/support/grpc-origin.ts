/** A gRPC server on grpc-js that does what asks tell it, and notes the calls and their ends. */

import type { EventEmitter } from 'node:events';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Test } from 'tap';
import type { Ask, GrpcService, Message, Method } from './grpc-service.ts';

/** Fields of requests that come back, at the head and at the end. */
export const initialField = 'x-echo-initial';
export const trailingField = 'x-echo-trailing-bin';
/** How many calls with the same `x-call-id` fail with UNAVAILABLE before one succeeds. */
export const failuresField = 'x-failures';
/** Such a unary call never gets an answer. */
export const silenceField = 'x-silence';

/** What calls of all kinds have. */
interface Call extends EventEmitter {
  readonly metadata: Metadata;
  sendMetadata(head: Metadata): void;
}

export class GrpcOrigin {
  readonly port: number;
  /** Metadata of each call, in order. */
  readonly calls: Metadata[];
  readonly #counts: { cancelled: number };

  private constructor(port: number, calls: Metadata[], counts: { cancelled: number }) {
    this.port = port;
    this.calls = calls;
    this.#counts = counts;
  }

  /** Calls whose client went away before their end. */
  get cancelled(): number {
    return this.#counts.cancelled;
  }

  static async start(t: Test, service: GrpcService): Promise<GrpcOrigin> {
    const server = new Server({ 'grpc.default_compression_algorithm': 0 });
    const calls: Metadata[] = [];
    const counts = { cancelled: 0 };
    const begin = (call: Call): void => {
      calls.push(call.metadata);
      call.once('cancelled', () => counts.cancelled++);
      const initial = call.metadata.get(initialField);
      if (initial.length === 0) return;
      const head = new Metadata();
      for (const value of initial) head.add(initialField, value);
      call.sendMetadata(head);
    };
    server.addService(service.definition, implementation(service, begin));
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    t.teardown(() => server.forceShutdown());
    return new GrpcOrigin(port, calls, counts);
  }
}

/** What is left to fail, by call. */
type Failures = Map<string, number>;

function implementation(service: GrpcService, begin: (call: Call) => void) {
  const failures: Failures = new Map();
  return {
    ...at(
      service.ping,
      (call: ServerUnaryCall<Message, Message>, answer: sendUnaryData<Message>) => {
        begin(call);
        answer(null, {}, trailers(call));
      },
    ),
    ...at(
      service.unary,
      (call: ServerUnaryCall<Message, Message>, answer: sendUnaryData<Message>) => {
        begin(call);
        if (call.metadata.get(silenceField).length > 0) return;
        const { answers, ending } = service.readAsk(call.request);
        const failure = nextFailure(call.metadata, failures) ?? ending;
        if (failure !== null) answer(failed(failure, trailers(call)));
        else answer(null, service.writeAnswer(answers[0] ?? 0), trailers(call));
      },
    ),
    ...at(
      service.upload,
      (call: ServerReadableStream<Message, Message>, answer: sendUnaryData<Message>) => {
        begin(call);
        let total = 0;
        call.on('data', (message: Message) => {
          total += service.readAsk(message).size;
        });
        call.on('end', () => answer(null, service.writeTotal(total), trailers(call)));
      },
    ),
    ...at(service.download, (call: ServerWritableStream<Message, Message>) => {
      begin(call);
      for (const size of service.readAsk(call.request).answers) {
        call.write(service.writeAnswer(size));
      }
      call.end(trailers(call));
    }),
    ...at(service.chat, (call: ServerDuplexStream<Message, Message>) => {
      begin(call);
      call.on('data', (message: Message) => {
        const { answers, ending } = service.readAsk(message);
        for (const size of answers) call.write(service.writeAnswer(size));
        if (ending !== null) call.emit('error', failed(ending, trailers(call)));
      });
      call.on('end', () => call.end(trailers(call)));
    }),
  };
}

/** grpc-js looks for implementations by the name in the path. */
function at<H>(method: Method, handler: H): Record<string, H> {
  return { [method.path.slice(method.path.lastIndexOf('/') + 1)]: handler };
}

function trailers(call: Call): Metadata {
  const fields = new Metadata();
  for (const value of call.metadata.get(trailingField)) fields.add(trailingField, value);
  return fields;
}

function failed(ending: NonNullable<Ask['ending']>, metadata: Metadata): ServiceError {
  const { code, message } = ending;
  return Object.assign(new Error(message), { code, details: message, metadata });
}

function nextFailure(metadata: Metadata, failures: Failures): Ask['ending'] {
  const [count] = metadata.get(failuresField);
  if (count === undefined) return null;
  const id = String(metadata.get('x-call-id')[0]);
  const left = failures.get(id) ?? Number(count);
  failures.set(id, left - 1);
  return left > 0 ? { code: status.UNAVAILABLE, message: `${left} failures left` } : null;
}
