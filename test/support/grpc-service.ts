/**
 * A gRPC service as the tests see it: five methods, whatever their names and messages are in a
 * `.proto` file.
 */

import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** One message of a client. */
export interface Ask {
  /** Bytes of its payload. */
  readonly size: number;
  /** Bytes of each answer that it wants. */
  readonly answers: readonly number[];
  /** How the call ends, or null for OK. */
  readonly ending: { readonly code: number; readonly message: string } | null;
}

export const ask = (changes: Partial<Ask> = {}): Ask => ({
  size: 0,
  answers: [],
  ending: null,
  ...changes,
});

/** A message as proto-loader takes and gives it. */
export type Message = object;
export type Method = MethodDefinition<Message, Message>;

/** The methods of one `.proto` file and how its messages say what the tests mean. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly ping: Method;
  readonly unary: Method;
  readonly upload: Method;
  readonly download: Method;
  readonly chat: Method;
  /** Of this service, but no origin implements it. */
  readonly missing: Method;
  /** Of a service that no origin knows. */
  readonly unserved: Method;
  writeAsk(ask: Ask): Message;
  readAsk(message: Message): Ask;
  writeAnswer(size: number): Message;
  /** Bytes of its payload. */
  readAnswer(message: Message): number;
  writeTotal(bytes: number): Message;
  readTotal(message: Message): number;
}

export function loadProto(file: string, folder: string): PackageDefinition {
  return loadSync(file, { includeDirs: [folder], keepCase: true, defaults: true });
}

/** The methods of a service, by name. */
export function methodsOf(proto: PackageDefinition, service: string): ServiceDefinition {
  const found = proto[service];
  if (found === undefined || 'format' in found) throw new Error(`no service ${service}`);
  return found as ServiceDefinition;
}

export function methodOf(definition: ServiceDefinition, name: string): Method {
  const method = definition[name];
  if (method === undefined) throw new Error(`no method ${name}`);
  return method;
}

const cycle = Uint8Array.from({ length: 251 }, (_, index) => (index * 31) % 251);

/** Bytes that show when some are lost, doubled or swapped. */
export function payloadOf(size: number): Buffer {
  return Buffer.alloc(size, cycle);
}

/** Bytes of a payload that arrived whole. */
export function sizeOf(payload: Buffer): number {
  if (!payload.equals(payloadOf(payload.length))) throw new Error('other bytes than were sent');
  return payload.length;
}

interface AskMessage {
  readonly payload: Buffer;
  readonly answer_sizes: readonly number[];
  readonly ending: { readonly code: number; readonly message: string } | null;
}

/** The service of `test/fixtures/grpc/echo.proto`. */
export function echoService(): GrpcService {
  const folder = fileURLToPath(new URL('../fixtures/grpc', import.meta.url));
  const proto = loadProto('echo.proto', folder);
  const definition = methodsOf(proto, 'sluice.echo.Echo');
  return {
    definition,
    ping: methodOf(definition, 'Ping'),
    unary: methodOf(definition, 'Unary'),
    upload: methodOf(definition, 'Upload'),
    download: methodOf(definition, 'Download'),
    chat: methodOf(definition, 'Chat'),
    missing: methodOf(definition, 'Missing'),
    unserved: methodOf(methodsOf(proto, 'sluice.echo.Unserved'), 'Missing'),
    writeAsk: ({ size, answers, ending }) => ({
      payload: payloadOf(size),
      answer_sizes: answers,
      ending,
    }),
    readAsk: (message) => {
      const { payload, answer_sizes: answers, ending } = message as AskMessage;
      return { size: sizeOf(payload), answers, ending };
    },
    writeAnswer: (size) => ({ payload: payloadOf(size) }),
    readAnswer: (message) => sizeOf((message as { payload: Buffer }).payload),
    writeTotal: (bytes) => ({ bytes }),
    readTotal: (message) => (message as { bytes: number }).bytes,
  };
}
