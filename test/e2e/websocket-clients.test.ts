/** WebSockets of `ws` through the real command, in clear text and over TLS. */

import type { IncomingMessage } from 'node:http';
import t, { type Test } from 'tap';
import { type ClientOptions, WebSocket } from 'ws';
import { startBothEdges } from '../support/both-edges.ts';
import { eventually, within } from '../support/deadline.ts';
import { pem } from '../support/tls-fixtures.ts';
import {
  startHttp2WebSocketOrigin,
  startWebSocketOrigin,
  type WebSocketOrigin,
} from '../support/websocket-origin.ts';

/** Opens a WebSocket for `path` and such. */
type Open = (path: string, options?: ClientOptions, protocols?: string[]) => WebSocket;

function opener(t: Test, base: string): Open {
  return (path, options = {}, protocols = []) => {
    const all = { ca: pem('authority'), servername: 'a.example.com', ...options };
    const socket = new WebSocket(`${base}${path}`, protocols, all);
    // Whoever waits for something hears of its own.
    socket.on('error', () => undefined);
    t.teardown(() => socket.terminate());
    return socket;
  };
}

const opened = (socket: WebSocket): Promise<void> =>
  within(
    10_000,
    'the upgrade',
    new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    }),
  );

interface Received {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** The next `count` messages. */
function messages(socket: WebSocket, count: number): Promise<Received[]> {
  const received: Received[] = [];
  const all = new Promise<Received[]>((resolve) => {
    const take = (data: Buffer, isBinary: boolean): void => {
      received.push({ data, isBinary });
      if (received.length < count) return;
      socket.off('message', take);
      resolve(received);
    };
    socket.on('message', take);
  });
  return within(20_000, `${count} messages`, all);
}

const closed = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  within(
    10_000,
    'the close',
    new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    }),
  );

/** Bytes that show when some are lost or swapped; they do not compress to nothing. */
function patterned(size: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: size / 4 }, (_, index) => index * 2_654_435_761).buffer,
  );
}

type Case = (t: Test, open: Open, origin: WebSocketOrigin) => Promise<void>;

/** Cases that need an origin which negotiates. */
const negotiating: ReadonlySet<string> = new Set([
  'what the origin learns of the request',
  'compression that both ends agree on',
  'a subprotocol',
]);

const cases: Readonly<Record<string, Case>> = {
  'text and bytes': async (t, open) => {
    const socket = open('/');
    await opened(socket);
    const back = messages(socket, 3);
    socket.send('grüße ☺');
    socket.send(Buffer.from([0, 1, 255]));
    socket.send('');
    const [text, bytes, empty] = await back;
    t.match(text, { data: Buffer.from('grüße ☺'), isBinary: false });
    t.match(bytes, { data: Buffer.from([0, 1, 255]), isBinary: true });
    t.match(empty, { data: Buffer.alloc(0), isBinary: false });
  },

  'what the origin learns of the request': async (t, open, origin) => {
    const socket = open('/room/1?name=a%20b', { headers: { cookie: 'session=1' } });
    await opened(socket);
    const { request } = origin.newest();
    t.equal(request.url, '/room/1?name=a%20b');
    t.match(request.headers, {
      upgrade: 'websocket',
      connection: /^upgrade$/i,
      cookie: 'session=1',
      'sec-websocket-version': '13',
      'x-forwarded-proto': socket.url.startsWith('wss:') ? 'https' : 'http',
      'x-request-id': /./,
    });
  },

  'an origin that speaks first': async (t, open) => {
    const socket = open('/greeting');
    const first = messages(socket, 1);
    await opened(socket);
    t.equal((await first)[0]?.data.toString(), 'welcome');
  },

  fragments: async (t, open) => {
    const socket = open('/', { perMessageDeflate: false });
    await opened(socket);
    const back = messages(socket, 1);
    for (const part of ['one ', 'two ', 'three ']) socket.send(part, { fin: false });
    socket.ping('in between');
    socket.send('four', { fin: true });
    t.equal((await back)[0]?.data.toString(), 'one two three four');
  },

  'pings and pongs of both ends': async (t, open, origin) => {
    const socket = open('/');
    await opened(socket);
    const pong = new Promise<string>((resolve) => {
      socket.once('pong', (data) => resolve(data.toString()));
    });
    socket.ping('from the client');
    t.equal(await within(10_000, 'the pong', pong), 'from the client');
    const { socket: far, pongs } = origin.newest();
    far.ping('from the origin');
    await eventually('the pong', { within: 10_000 }, () => pongs.length === 1);
    t.same(pongs, ['from the origin']);
  },

  'messages of 1 MiB': async (t, open) => {
    for (const perMessageDeflate of [false, true]) {
      const socket = open('/', { perMessageDeflate });
      await opened(socket);
      const back = messages(socket, 4);
      const message = patterned(1024 * 1024);
      for (let sent = 0; sent < 4; sent++) socket.send(message);
      for (const { data } of await back) t.ok(data.equals(message));
      socket.close();
    }
  },

  'many messages, in order': async (t, open) => {
    const socket = open('/', { perMessageDeflate: false });
    await opened(socket);
    const count = 5_000;
    const back = messages(socket, count);
    for (let sent = 0; sent < count; sent++) socket.send(String(sent));
    const texts = (await back).map(({ data }) => data.toString());
    t.same(
      texts,
      Array.from({ length: count }, (_, index) => String(index)),
    );
  },

  'compression that both ends agree on': async (t, open, origin) => {
    const compressed = open('/', { perMessageDeflate: { threshold: 0 } });
    await opened(compressed);
    t.match(origin.newest().request.headers['sec-websocket-extensions'], 'permessage-deflate');
    t.match(compressed.extensions, 'permessage-deflate');
    const back = messages(compressed, 1);
    compressed.send('again and '.repeat(1_000));
    t.equal((await back)[0]?.data.toString(), 'again and '.repeat(1_000));
    const plain = open('/', { perMessageDeflate: false });
    await opened(plain);
    t.equal(plain.extensions, '');
  },

  'a subprotocol': async (t, open, origin) => {
    const socket = open('/', {}, ['first', 'second']);
    await opened(socket);
    t.equal(socket.protocol, 'second');
    t.equal(origin.newest().request.headers['sec-websocket-protocol'], 'first,second');
  },

  'close codes of both ends': async (t, open, origin) => {
    const first = open('/');
    await opened(first);
    const seen = origin.newest();
    const end = closed(first);
    first.close(4001, 'the client has enough');
    t.match(await end, { code: 4001 });
    await eventually('the close', { within: 10_000 }, () => seen.end !== null);
    t.same(seen.end, { code: 4001, reason: 'the client has enough' });

    const second = open('/');
    await opened(second);
    const told = closed(second);
    origin.newest().socket.close(4002, 'the origin has enough');
    t.same(await told, { code: 4002, reason: 'the origin has enough' });
  },

  'ends that say nothing': async (t, open, origin) => {
    const first = open('/');
    await opened(first);
    const seen = origin.newest();
    first.terminate();
    await eventually('the end', { within: 10_000 }, () => seen.end !== null);
    t.match(seen.end, { code: 1006 });

    const second = open('/');
    await opened(second);
    const told = closed(second);
    origin.newest().socket.terminate();
    t.match(await told, { code: 1006 });
  },

  'an upgrade that the origin refuses': async (t, open) => {
    const socket = open('/refused');
    const refusal = new Promise<IncomingMessage>((resolve) => {
      socket.once('unexpected-response', (_, response) => resolve(response));
    });
    const response = await within(10_000, 'the refusal', refusal);
    t.equal(response.statusCode, 403);
    const body = await response.setEncoding('utf8').toArray();
    t.equal(body.join(''), 'not you');
  },
};

interface Ends {
  readonly origin: WebSocketOrigin;
  /** Istio's protocol of the origin's port. */
  readonly protocol: string;
}

async function eachWay(t: Test, { origin, protocol }: Ends, names: readonly string[]) {
  const { clear, tls } = await startBothEdges(t, { originPort: origin.port, protocol });
  const ways = {
    'in clear text': opener(t, `ws://127.0.0.1:${clear}`),
    'over TLS': opener(t, `wss://127.0.0.1:${tls}`),
  };
  for (const [way, open] of Object.entries(ways)) {
    for (const name of names) {
      await t.test(`${name}, ${way}`, async (t) => cases[name]?.(t, open, origin));
    }
  }
}

t.test('towards an origin of HTTP/1.1', async (t) => {
  const origin = await startWebSocketOrigin(t);
  await eachWay(t, { origin, protocol: 'HTTP' }, Object.keys(cases));
});

t.test('towards an origin of HTTP/2', async (t) => {
  const origin = await startHttp2WebSocketOrigin(t);
  // The others are about what is negotiated in fields of HTTP/1.1.
  const names = Object.keys(cases).filter((name) => !negotiating.has(name));
  await eachWay(t, { origin, protocol: 'HTTP2' }, names);
});
