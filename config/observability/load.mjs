/**
 * Traffic for the dashboards: a person who reloads the pages of bookinfo, one whose ratings are
 * slow, one for whom they are broken, a health check through the inbound listener, TCP connections
 * and gRPC calls. It plays the services echo.example itself. Ctrl-C stops it.
 *
 *   node config/observability/load.mjs [GATEWAY INBOUND MESH TCP ECHO_TCP ECHO_GRPC]
 */

import { request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const usual = [8080, 15006, 15001, 9009, 9104, 9105];
const [gateway, inbound, mesh, tcp, echoTcp, echoGrpc] = usual.map((port, index) =>
  Number(process.argv[2 + index] ?? port),
);

/** One message of four bytes, framed as gRPC does. */
const message = Buffer.from([0, 0, 0, 0, 4, 10, 2, 104, 105]);

createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(echoTcp, '127.0.0.1');
createHttp2Server()
  .on('stream', (stream, headers) => {
    stream.on('error', () => {}).resume();
    if (headers[':path'].endsWith('/Down')) {
      stream.respond({ ':status': 503 }, { endStream: true });
      return;
    }
    const status = headers[':path'].endsWith('/Fail') ? '14' : '0';
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(status === '0' ? message : undefined);
  })
  .listen(echoGrpc, '127.0.0.1');

/** An answer, whatever it is, or none: what the proxy counts is what matters. */
function get(port, path, headers = {}) {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path, headers };
    const sent = request(options, (response) => response.resume().once('close', resolve));
    sent.once('error', resolve).end();
  });
}

function speakTcp() {
  return new Promise((resolve) => {
    const socket = connect(tcp, '127.0.0.1', () => socket.end('hello over TCP\n'));
    socket.once('error', resolve).once('close', resolve).resume();
  });
}

function callGrpc(method) {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${mesh}`);
    session.once('error', resolve);
    const stream = session.request({
      ':method': 'POST',
      ':path': `/echo.Echo/${method}`,
      ':authority': 'echo.example:50051',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.once('error', resolve).once('close', resolve).resume().end(message);
    stream.once('close', () => session.close());
  });
}

const person = (name) => ({ cookie: `session=${name}` });

for (let turn = 0; ; turn++) {
  const calls = [
    get(gateway, '/productpage'),
    get(gateway, '/productpage', person('jason')),
    get(inbound, '/health', { host: 'productpage:9080' }),
    speakTcp(),
    callGrpc(turn % 20 === 0 ? 'Fail' : turn % 20 === 10 ? 'Down' : 'Say'),
  ];
  if (turn % 5 === 0) calls.push(get(gateway, '/productpage', person('broken')));
  if (turn % 10 === 0) calls.push(get(gateway, '/nowhere'));
  // Takes two seconds, so nobody waits for it.
  if (turn % 20 === 0) void get(gateway, '/productpage', person('slow'));
  await Promise.all(calls);
  await pause(200);
}
