/** What becomes of connections that are open while another process takes the place of theirs. */

import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import t, { type Test } from 'tap';
import { eventually, within } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { headerValue } from '../support/http-reader.ts';
import { Origin, type OriginConnection } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { ok } from '../support/scripted-origin.ts';
import { SluiceProcess } from '../support/sluice-process.ts';

t.setTimeout(120_000);

const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const accepted = `HTTP/1.1 101 Switching Protocols\r\n${upgrade}`;

/** Answers `/slow` when the test does, sends back what comes after `/echo`, and the rest at once. */
async function startOrigin(slow: OriginConnection[]): Promise<Origin> {
  return Origin.start((connection, data) => {
    const text = data.toString('latin1');
    if (text.startsWith('GET /slow ')) slow.push(connection);
    else if (text.startsWith('GET /echo ')) connection.socket.write(accepted);
    else connection.socket.write(text.startsWith('GET ') ? ok('quick') : data);
  });
}

async function connectTo(t: Test, port: number): Promise<RawConnection> {
  const connection = await RawConnection.connect({ port });
  t.teardown(() => connection.destroy());
  return connection;
}

function startHttp2(t: Test, port: number) {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  t.teardown(() => session.destroy());
  const goaway = new Promise<number>((resolve) => session.once('goaway', resolve));
  const closed = new Promise<void>((resolve) => session.once('close', resolve));
  return { session, goaway, closed };
}

function statusOf(session: ClientHttp2Session, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':authority': 'a' });
    stream.on('error', reject);
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.resume();
  });
}

for (const concurrency of ['1', '2']) {
  t.test(`open connections end in order, with --concurrency ${concurrency}`, async (t) => {
    const waiting: OriginConnection[] = [];
    const origin = await startOrigin(waiting);
    const edge = await startEdgeProxy({
      originPort: origin.port,
      startupMs: 60_000,
      args: ['--drain-time', '5s', '--concurrency', concurrency],
    });
    t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
    const { port } = edge;
    const idle = await connectTo(t, port);
    idle.write(getRequest('/', 'a'));
    await idle.readResponse();
    const untouched = await connectTo(t, port);
    const slow = await connectTo(t, port);
    slow.write(getRequest('/slow', 'a'));
    const tunnel = await connectTo(t, port);
    tunnel.write(`GET /echo HTTP/1.1\r\nHost: a\r\n${upgrade}`);
    t.equal((await tunnel.readResponse()).status, 101);
    const http2 = startHttp2(t, port);
    t.equal(await statusOf(http2.session, '/'), 200);
    const slowHttp2 = statusOf(http2.session, '/slow');
    await eventually('two slow requests', { within: 10_000 }, () => waiting.length === 2);

    const next = await SluiceProcess.takeOver(edge.proxy, edge.args);
    t.teardown(() => next.kill());

    t.equal(await within(10_000, 'a GOAWAY', http2.goaway), 0);
    t.notOk(http2.session.destroyed, 'its request is still open');
    t.notOk(idle.isClosed, 'an idle connection stays');
    for (const connection of [idle, untouched]) {
      connection.write(getRequest('/', 'a'));
      const response = await connection.readResponse();
      t.equal(response.status, 200);
      t.equal(headerValue(response.headers, 'connection'), 'close', 'and this was its last');
      await within(10_000, 'its end', connection.closed);
    }
    tunnel.write('still there?');
    t.equal((await tunnel.readBytes(12)).toString(), 'still there?');
    for (const connection of waiting) connection.socket.write(ok('slow'));
    const response = await slow.readResponse();
    t.equal(response.body.toString(), 'slow');
    t.equal(headerValue(response.headers, 'connection'), 'close');
    t.equal(await slowHttp2, 200);
    await within(10_000, 'the end of HTTP/2', http2.closed);

    t.notOk(tunnel.isClosed, 'an upgraded connection has the whole drain time');
    t.equal((await edge.proxy.exited(20_000)).code, 0);
    await within(10_000, 'the end of the tunnel', tunnel.closed);
    const fresh = await connectTo(t, port);
    fresh.write(getRequest('/', 'a'));
    t.equal((await fresh.readResponse()).status, 200);
    t.equal((await next.stop()).code, 0);
  });
}
