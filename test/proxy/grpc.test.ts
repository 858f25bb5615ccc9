import t from 'tap';
import { grpcStatusFor, httpStatusFor, isGrpc } from '../../src/proxy/grpc.ts';
import { headerList } from '../support/header-lists.ts';

t.test('gRPC is known by its content type', async (t) => {
  const isGrpcType = (type: string): boolean => isGrpc(headerList({ 'content-type': type }));
  t.ok(isGrpcType('application/grpc'));
  t.ok(isGrpcType('application/grpc+proto'));
  t.notOk(isGrpcType('application/grpc-web'));
  t.notOk(isGrpcType('application/grpc;x=1'));
  t.notOk(isGrpcType('application/json'));
  t.notOk(isGrpc(headerList()));
});

t.test('gRPC status for an HTTP status', async (t) => {
  const rows: readonly (readonly [http: number, grpc: number])[] = [
    [400, 13],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [502, 14],
    [503, 14],
    [504, 14],
    [500, 2],
    [302, 2],
  ];
  for (const [http, grpc] of rows) t.equal(grpcStatusFor(http), grpc, String(http));
});

t.test('HTTP status for a gRPC status', async (t) => {
  const expected = [
    ...[200, 499, 500, 400, 504, 404, 409, 403, 429],
    ...[400, 409, 400, 501, 500, 503, 500, 401],
  ];
  t.same(
    expected.map((_, code) => httpStatusFor(String(code))),
    expected,
  );
  for (const text of ['17', '-1', 'x', '99']) t.equal(httpStatusFor(text), 500, text);
});
