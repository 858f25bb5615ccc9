import { closeSync, openSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import t, { type Test } from 'tap';
import { type AcceptedHandle, adoptSocket } from '../../src/transport/accept.ts';
import { ListeningSocket } from '../../src/transport/listening-socket.ts';
import { eventually } from '../support/deadline.ts';
import { testReadBuffer } from '../support/read-buffer.ts';

async function open(t: Test, onConnection: (handle: AcceptedHandle) => void = () => undefined) {
  const opened = await ListeningSocket.open({
    address: '127.0.0.1',
    port: 0,
    onConnection,
    onAcceptError: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  t.teardown(() => opened.value.close());
  return opened.value;
}

function client(t: Test, port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
}

t.test('a port that is taken is told, not thrown', async (t) => {
  const { port } = await open(t);
  t.ok(port > 0);
  const second = await ListeningSocket.open({
    address: '127.0.0.1',
    port,
    onConnection: () => undefined,
    onAcceptError: () => undefined,
  });
  t.match(second, { ok: false, error: { code: 'EADDRINUSE' } });
});

t.test('an inherited socket that cannot listen is told', async (t) => {
  const fd = openSync('/dev/null', 'r');
  t.teardown(() => closeSync(fd));
  const options = {
    ...{ address: '127.0.0.1', port: 1 },
    onConnection: () => undefined,
    onAcceptError: () => t.fail('no connection was to be accepted'),
  };
  const inherited = ListeningSocket.inherit([{ fd, close: () => undefined }], options);
  t.match(await inherited.start(), { ok: false, error: { code: 'EINVAL' } });
  inherited.close();
});

t.test('a closed socket accepts no more, and open connections go on', async (t) => {
  let accepted: Socket | null = null;
  const listening = await open(t, (handle) => {
    accepted = new Socket({ handle } as object);
  });
  const first = client(t, listening.port);
  const { port } = listening;
  await eventually('accept', { within: 5_000 }, () => accepted !== null);
  listening.close();
  const refused = await new Promise<string>((resolve) => {
    const second = connect({ port, host: '127.0.0.1' });
    second.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  t.equal(refused, 'ECONNREFUSED');
  (accepted as Socket | null)?.end('still here');
  const text = await new Promise<string>((resolve) => {
    first.once('data', (data: Buffer) => resolve(data.toString()));
  });
  t.equal(text, 'still here');
});

t.test('adopted sockets read into one buffer, and write like any other', async (t) => {
  const shared = testReadBuffer();
  const seen = new Map<Socket, string>();
  const adopted: Socket[] = [];
  const listening = await open(t, (accepted) => {
    const socket: Socket = adoptSocket(accepted, {
      buffer: shared,
      onRead: (length, buffer) => {
        if (buffer.buffer !== shared.bytes.buffer) throw new Error('another buffer');
        seen.set(socket, (seen.get(socket) ?? '') + buffer.toString('latin1', 0, length));
      },
    });
    adopted.push(socket);
    t.teardown(() => socket.destroy());
  });
  const clients = [client(t, listening.port), client(t, listening.port)];
  for (const [index, socket] of clients.entries()) socket.write(`from ${index}`);
  await eventually('bytes', { within: 5_000 }, () => seen.size === 2);
  t.same([...seen.values()].sort(), ['from 0', 'from 1']);
  for (const socket of adopted) socket.write('hello');
  const answers = await Promise.all(
    clients.map(
      (socket) =>
        new Promise<string>((resolve) => {
          socket.once('data', (data: Buffer) => resolve(data.toString()));
        }),
    ),
  );
  t.same(answers, ['hello', 'hello']);
});

t.test('a mistake in who reads costs that connection and no other', async (t) => {
  const defects: string[] = [];
  const errors: string[] = [];
  const buffer = {
    bytes: Buffer.alloc(1024),
    onDefect: (error: Error) => void defects.push(error.message),
  };
  const listening = await open(t, (accepted) => {
    const socket = adoptSocket(accepted, {
      buffer,
      onRead: (length, bytes) => {
        const text = bytes.toString('latin1', 0, length);
        if (text === 'bad') throw new Error('a mistake');
        socket.write(text);
      },
    });
    socket.on('error', (error) => errors.push(error.message));
    t.teardown(() => socket.destroy());
  });
  const bad = client(t, listening.port);
  const good = client(t, listening.port);
  const closed = new Promise((resolve) => bad.once('close', resolve));
  bad.write('bad');
  await closed;
  t.same(defects, ['a mistake']);
  t.same(errors, ['a mistake'], 'who depends on the socket hears of its end');
  good.write('good');
  const answer = await new Promise<string>((resolve) => {
    good.once('data', (data: Buffer) => resolve(data.toString()));
  });
  t.equal(answer, 'good');
});

t.test('an adopted socket hears of the end and can be paused', async (t) => {
  let socket: Socket | null = null;
  let read = 0;
  let ended = false;
  const listening = await open(t, (accepted) => {
    const own = adoptSocket(accepted, {
      buffer: testReadBuffer(),
      onRead: (length) => {
        read += length;
      },
    });
    own.on('end', () => {
      ended = true;
    });
    own.pause();
    socket = own;
  });
  const peer = client(t, listening.port);
  peer.end('x'.repeat(5_000));
  await eventually('accept', { within: 5_000 }, () => socket !== null);
  const before = read;
  (socket as Socket | null)?.resume();
  await eventually('end', { within: 5_000 }, () => ended);
  t.ok(before <= 1_024);
  t.equal(read, 5_000);
  (socket as Socket | null)?.destroy();
});
