/**
 * Clients that mean harm, against the real command: each is ended with the right word and counted,
 * while a client that behaves is served all along, and nothing is left of them afterwards. Large
 * and long attacks: npm run bench:attacks.
 */

import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { errorCode, flag, frameType } from '../../src/http2/protocol.ts';
import {
  block,
  data,
  frame,
  getFields,
  headers,
  ping,
  postFields,
  rstStream,
  windowUpdate,
} from '../http2/frames.ts';
import { eventually, pause, within } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { H2Wire } from '../support/h2-wire.ts';
import { encodeHeaderBlock } from '../support/hpack-text.ts';
import { httpOrigin } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';

const slackMs = 10_000;
/** From an answer to the next request of the client that behaves. */
const betweenMs = 2;
const connectionsPerListener = 200;

const limits = `
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: limits}
spec:
  limits:
    requestHeadTimeout: 500ms
    streamIdle: 500ms
    connectionsPerListener: ${connectionsPerListener}
`;

const http = `
  - match: [{uri: {exact: /refused}}]
    directResponse: {status: 403}
  - route: [{destination: {host: origin.test, port: {number: 80}}}]`;

interface Edge {
  readonly port: number;
  stat(name: string): Promise<number>;
}

/** One attack over HTTP/1.1: what is sent, and how it is answered. */
interface Http1Attack {
  readonly name: string;
  readonly bytes: string;
  readonly status: number;
  /** The end of its name. */
  readonly counter: string;
}

const chunkedHead = 'POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

const http1Attacks: readonly Http1Attack[] = [
  {
    name: 'a head that does not end',
    bytes: 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ',
    status: 408,
    counter: 'downstream_rq_header_timeout',
  },
  {
    name: 'a body that does not end',
    bytes: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nslow',
    status: 408,
    counter: 'downstream_rq_idle_timeout',
  },
  {
    name: 'a head without end',
    bytes: `GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(256 * 1024)}`,
    status: 431,
    counter: 'downstream_rq_too_large',
  },
  {
    name: 'thousands of header lines',
    bytes: `GET / HTTP/1.1\r\nHost: a\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
    status: 431,
    counter: 'downstream_rq_too_large',
  },
  {
    name: 'a chunk of 2^68 bytes',
    bytes: `${chunkedHead}fffffffffffffffff\r\n`,
    status: 400,
    counter: 'downstream_cx_protocol_error',
  },
  {
    name: 'a chunk extension without end',
    bytes: `${chunkedHead}1;${'e'.repeat(64 * 1024)}`,
    status: 400,
    counter: 'downstream_cx_protocol_error',
  },
  {
    name: 'random bytes',
    bytes: '\x8f\x02\xc4 \x9d\x00\xf1\r\n\x10\x80\r\n\r\n',
    status: 400,
    counter: 'downstream_cx_protocol_error',
  },
];

/** One attack over HTTP/2, which ends the connection. */
interface Http2Attack {
  readonly name: string;
  readonly bytes: Buffer;
  readonly code: number;
  readonly counter: string;
}

const openPost = headers(1, postFields, flag.endHeaders);
const calm = errorCode.enhanceYourCalm;

const http2Attacks: readonly Http2Attack[] = [
  {
    name: 'streams that are reset at once',
    bytes: repeat(600, (i) =>
      Buffer.concat([headers(2 * i + 1, getFields), rstStream(2 * i + 1, errorCode.cancel)]),
    ),
    code: calm,
    counter: 'downstream_rq_too_many_premature_resets',
  },
  {
    name: 'streams that the proxy has to reset at once',
    bytes: repeat(600, (i) =>
      Buffer.concat([headers(2 * i + 1, getFields), windowUpdate(2 * i + 1, 0)]),
    ),
    code: calm,
    counter: 'downstream_rq_too_many_premature_resets',
  },
  {
    name: 'PRIORITY',
    bytes: repeat(200, () => frame(frameType.priority, 0, 3, '\0\0\0\0\0')),
    code: calm,
    counter: 'http2.inbound_priority_frames_flood',
  },
  {
    name: 'answers to PINGs that were not sent',
    bytes: repeat(200, () => ping(flag.ack)),
    code: calm,
    counter: 'http2.inbound_priority_frames_flood',
  },
  {
    name: 'WINDOW_UPDATE',
    bytes: repeat(50, () => windowUpdate(0, 1)),
    code: calm,
    counter: 'http2.inbound_window_update_frames_flood',
  },
  {
    name: 'DATA without a byte',
    bytes: Buffer.concat([openPost, repeat(20, () => data(1, ''))]),
    code: calm,
    counter: 'http2.inbound_empty_frames_flood',
  },
  {
    name: 'CONTINUATION without end',
    bytes: Buffer.concat([
      frame(frameType.headers, 0, 1, block(getFields)),
      repeat(100, () => frame(frameType.continuation, 0, 1, block(['x', 'y']))),
    ]),
    code: calm,
    counter: 'http2.header_overflow',
  },
  {
    name: 'a field of 4 KB that is named 12,000 times',
    bytes: headersOf(bombBlock()),
    code: errorCode.protocolError,
    counter: 'http2.header_overflow',
  },
];

t.test('attacks', async (t) => {
  const origin = await httpOrigin((request, response) => {
    request.resume().once('end', () => response.end('fine'));
  });
  const edge = await startEdgeProxy({ originPort: origin.port, http, documents: limits });
  t.teardown(async () => {
    await edge.stop();
    await origin.stop();
  });
  const stat = async (name: string): Promise<number> => {
    const { body } = await edge.proxy.admin('/stats');
    const lines = body.matchAll(new RegExp(`(?:^|\\.)${name}: (\\d+)$`, 'gm'));
    return [...lines].reduce((sum, [, value]) => Math.max(sum, Number(value)), 0);
  };
  const target: Edge = { port: edge.port, stat };
  const good = await GoodClient.start(edge.port);

  for (const attack of http1Attacks)
    await t.test(attack.name, (t) => attackHttp1(t, target, attack));
  for (const attack of http2Attacks)
    await t.test(attack.name, (t) => attackHttp2(t, target, attack));
  await t.test('thousands of pipelined requests', (t) => attackByPipelining(t, target));
  await t.test('connections over their limit', (t) => attackByConnections(t, target));

  const served = await good.stop();
  t.ok(served.length > 0);
  t.same(new Set(served), new Set([200]), 'the client that behaves was served all along');
  await eventually('nothing is left', { within: slackMs }, async () => {
    const left = ['server.total_connections', 'downstream_rq_active', 'upstream_rq_active'];
    const counts = await Promise.all(left.map(stat));
    return counts.every((count) => count === 0);
  });
});

async function attackHttp1(t: Test, edge: Edge, attack: Http1Attack): Promise<void> {
  const before = await edge.stat(attack.counter);
  const connection = await RawConnection.connect({ port: edge.port });
  connection.write(attack.bytes);
  const { status } = await connection.readResponse({ timeoutMs: slackMs });
  t.equal(status, attack.status);
  await within(slackMs, 'the end of the connection', connection.closed);
  connection.destroy();
  t.equal(await edge.stat(attack.counter), before + 1, attack.counter);
}

async function attackHttp2(t: Test, edge: Edge, attack: Http2Attack): Promise<void> {
  const before = await edge.stat(attack.counter);
  const client = await H2Wire.open(t, edge.port);
  client.send(attack.bytes);
  const { payload } = await client.untilFrame('goaway');
  t.equal(payload.readUInt32BE(4), attack.code);
  await client.until('the end of the connection', () => client.ended);
  client.socket.destroy();
  t.equal(await edge.stat(attack.counter), before + 1, attack.counter);
}

/** It is no attack for who waits his turn: all are answered. */
async function attackByPipelining(t: Test, edge: Edge): Promise<void> {
  const count = 5000;
  const connection = await RawConnection.connect({ port: edge.port });
  connection.write(getRequest('/refused', 'a').repeat(count));
  let refused = 0;
  for (let i = 0; i < count; i++) {
    if ((await connection.readResponse()).status === 403) refused++;
  }
  connection.destroy();
  t.equal(refused, count);
}

async function attackByConnections(t: Test, edge: Edge): Promise<void> {
  const sockets = Array.from({ length: connectionsPerListener + 50 }, () =>
    connect({ port: edge.port, host: '127.0.0.1' }).on('error', () => undefined),
  );
  // One of them is the client that behaves, which was there first.
  const turnedAway = sockets.length - connectionsPerListener + 1;
  let closed = 0;
  for (const socket of sockets) {
    socket.resume().once('close', () => {
      closed++;
    });
  }
  await eventually('those over the limit', { within: slackMs }, () => closed >= turnedAway);
  t.equal(closed, turnedAway);
  t.equal(await edge.stat('downstream_cx_overflow'), turnedAway);
  for (const socket of sockets) socket.destroy();
}

/** One request after the other, on one connection, until it is told to stop. */
class GoodClient {
  readonly #connection: RawConnection;
  readonly #done: Promise<number[]>;
  #isOver = false;

  private constructor(connection: RawConnection) {
    this.#connection = connection;
    this.#done = this.#run();
  }

  static async start(port: number): Promise<GoodClient> {
    return new GoodClient(await RawConnection.connect({ port }));
  }

  /** The statuses of all answers. */
  async stop(): Promise<number[]> {
    this.#isOver = true;
    const statuses = await this.#done;
    this.#connection.end();
    await once(this.#connection.socket, 'close');
    return statuses;
  }

  async #run(): Promise<number[]> {
    const statuses: number[] = [];
    while (!this.#isOver) {
      await pause(betweenMs);
      this.#connection.write(getRequest('/good', 'a'));
      statuses.push((await this.#connection.readResponse()).status);
    }
    return statuses;
  }
}

function repeat(times: number, make: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: times }, (_, index) => make(index)));
}

function headersOf(bytes: Buffer): Buffer {
  return frame(frameType.headers, flag.endHeaders | flag.endStream, 1, bytes);
}

/** A literal that goes into the table, and its index again and again. */
function bombBlock(): Buffer {
  const value = 'b'.repeat(4000);
  // 4000 - 127 in seven bits at a time (RFC 7541, section 5.1).
  const length = [0x7f, 0xa1, 0x1e];
  const indexed = [Buffer.from([0x40, 1, 0x78, ...length]), Buffer.from(value)];
  const request = encodeHeaderBlock([
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', 'a'],
    [':path', '/'],
  ]);
  return Buffer.concat([request, ...indexed, Buffer.alloc(12_000, 0xbe)]);
}
