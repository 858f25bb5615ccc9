import t from 'tap';
import { readGrpcStatus } from '../../src/telemetry/grpc-status.ts';
import { headerList } from '../support/header-lists.ts';

t.test('a grpc-status field is read where it is a number', async (t) => {
  t.equal(readGrpcStatus(headerList({ 'grpc-status': '0' })), 0);
  t.equal(readGrpcStatus(headerList({ 'grpc-status': '14' })), 14);
  for (const text of ['', 'x', '1 ', '-1', '1234']) {
    t.equal(readGrpcStatus(headerList({ 'grpc-status': text })), null, text);
  }
  t.equal(readGrpcStatus(headerList()), null);
  t.equal(readGrpcStatus(null), null);
});
