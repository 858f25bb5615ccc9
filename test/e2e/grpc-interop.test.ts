/**
 * gRPC through the real command: the portable interoperability cases of gRPC, with a client and an
 * origin on grpc-js, in clear text and over TLS.
 */

import t from 'tap';
import { startBothEdges } from '../support/both-edges.ts';
import { grpcCases } from '../support/grpc-cases.ts';
import { h2cClient, tlsGrpcClient } from '../support/grpc-client.ts';
import { GrpcOrigin } from '../support/grpc-origin.ts';

import { echoService } from '../support/grpc-service.ts';

t.test('every kind of call', async (t) => {
  const service = echoService();
  const origin = await GrpcOrigin.start(t, service);
  const { clear, tls } = await startBothEdges(t, { originPort: origin.port, protocol: 'GRPC' });
  /** Messages of the client travel as gzip. */
  const gzip = { 'grpc.default_compression_algorithm': 2 };
  const clients = {
    'in clear text': h2cClient(t, service, clear),
    'over TLS': tlsGrpcClient(t, service, tls),
    'compressed, over TLS': tlsGrpcClient(t, service, tls, gzip),
  };
  for (const [way, client] of Object.entries(clients)) {
    for (const [name, run] of Object.entries(grpcCases)) {
      await t.test(`${name}, ${way}`, (t) => run(t, client, origin));
    }
  }
});
