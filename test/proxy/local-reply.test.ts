import t from 'tap';
import {
  codecErrorReply,
  grpcReply,
  localReply,
  localReplyHeaders,
} from '../../src/proxy/local-reply.ts';

t.test('a reply is plain unless told otherwise', async (t) => {
  t.same(localReply(404, 'route_not_found'), {
    status: 404,
    flag: 0,
    details: 'route_not_found',
    body: '',
    headers: [],
    close: false,
    plain: false,
  });
});

t.test('refused bytes get the words of their status, and the connection ends', async (t) => {
  const reply = codecErrorReply(431, 'http1.headers_too_large', 8);
  t.match(reply, { status: 431, flag: 8, body: 'Request Header Fields Too Large', close: true });
});

t.test('a gRPC client gets 200 and the failure in fields', async (t) => {
  const base = localReply(503, 'overflow', { body: 'too much', headers: [['x-a', '1']] });
  const reply = grpcReply(base, 14);
  t.match(reply, { status: 200, body: '', details: 'overflow' });
  t.same(localReplyHeaders(reply).flat, [
    ...['x-a', '1'],
    ...['content-type', 'application/grpc'],
    ...['grpc-status', '14'],
    ...['grpc-message', 'too much'],
  ]);
});

t.test('without a body there is no gRPC message', async (t) => {
  t.notOk(localReplyHeaders(grpcReply(localReply(404, 'x'), 12)).has('grpc-message'));
});
