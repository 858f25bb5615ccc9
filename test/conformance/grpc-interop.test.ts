/**
 * The same calls as in `test/e2e/grpc-interop.test.ts`, with the service of gRPC's own
 * interoperability tests, whose `.proto` files are read from `SLUICE_DATA`.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startBothEdges } from '../support/both-edges.ts';
import { grpcCases } from '../support/grpc-cases.ts';
import { h2cClient, tlsGrpcClient } from '../support/grpc-client.ts';
import { GrpcOrigin } from '../support/grpc-origin.ts';

import {
  type Ask,
  type GrpcService,
  loadProto,
  methodOf,
  methodsOf,
  payloadOf,
  sizeOf,
} from '../support/grpc-service.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface Payload {
  readonly body: Buffer;
}

/** Fields of the requests of unary and of streaming calls. */
interface AskMessage {
  readonly payload: Payload | null;
  readonly response_size?: number;
  readonly response_parameters?: readonly { readonly size: number }[];
  readonly response_status?: Ask['ending'];
}

interface AnswerMessage {
  readonly payload: Payload | null;
}

/** The files import each other by the path that they have in gRPC. */
function protoFolder(t: Test, data: string): string {
  const texts = ['empty', 'messages', 'test'].map((name) => [
    `grpc/testing/${name}.proto`,
    readFileSync(join(data, `${name}.proto`), 'utf8'),
  ]);
  const folder = tempFolder(Object.fromEntries(texts));
  t.teardown(() => folder.remove());
  return folder.path;
}

function testService(folder: string): GrpcService {
  const proto = loadProto('grpc/testing/test.proto', folder);
  const definition = methodsOf(proto, 'grpc.testing.TestService');
  const unserved = methodsOf(proto, 'grpc.testing.UnimplementedService');
  return {
    definition,
    ping: methodOf(definition, 'EmptyCall'),
    unary: methodOf(definition, 'UnaryCall'),
    upload: methodOf(definition, 'StreamingInputCall'),
    download: methodOf(definition, 'StreamingOutputCall'),
    chat: methodOf(definition, 'FullDuplexCall'),
    missing: methodOf(definition, 'UnimplementedCall'),
    unserved: methodOf(unserved, 'UnimplementedCall'),
    writeAsk: ({ size, answers, ending }) => ({
      payload: { body: payloadOf(size) },
      response_size: answers[0] ?? 0,
      response_parameters: answers.map((size) => ({ size })),
      response_status: ending,
    }),
    readAsk: (message) => {
      const { payload, response_status: ending, ...rest } = message as AskMessage;
      const sizes = rest.response_parameters?.map(({ size }) => size);
      const answers = sizes ?? [rest.response_size ?? 0];
      return { size: payload === null ? 0 : sizeOf(payload.body), answers, ending: ending ?? null };
    },
    writeAnswer: (size) => ({ payload: { body: payloadOf(size) } }),
    readAnswer: (message) => {
      const { payload } = message as AnswerMessage;
      return payload === null ? 0 : sizeOf(payload.body);
    },
    writeTotal: (bytes) => ({ aggregated_payload_size: bytes }),
    readTotal: (message) =>
      (message as { aggregated_payload_size: number }).aggregated_payload_size,
  };
}

const data = dataSet('grpc-interop');

t.test('every kind of call', { skip: data === null && missingData('grpc-interop') }, async (t) => {
  const service = testService(protoFolder(t, data ?? ''));
  const origin = await GrpcOrigin.start(t, service);
  const { clear, tls } = await startBothEdges(t, { originPort: origin.port, protocol: 'GRPC' });
  const clients = {
    'in clear text': h2cClient(t, service, clear),
    'over TLS': tlsGrpcClient(t, service, tls),
  };
  for (const [way, client] of Object.entries(clients)) {
    for (const [name, run] of Object.entries(grpcCases)) {
      await t.test(`${name}, ${way}`, (t) => run(t, client, origin));
    }
  }
});
