import { spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import {
  type ClientHelloOutcome,
  ClientHelloReader,
  parseClientHello,
} from '../../src/transport/client-hello.ts';

/** The first bytes that a client sends to a server which says nothing. */
async function firstBytes(dial: (port: number) => () => void): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const socket = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  const hangUp = dial(port);
  const accepted = await socket;
  accepted.on('error', () => undefined);
  const parts: Buffer[] = [];
  await new Promise<void>((resolve) => {
    accepted.on('data', (data: Buffer) => {
      parts.push(data);
      if (parseClientHello(Buffer.concat(parts)) !== 'incomplete') resolve();
    });
  });
  hangUp();
  accepted.destroy();
  server.close();
  return Buffer.concat(parts);
}

function byNode(options: object): Promise<Buffer> {
  return firstBytes((port) => {
    const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    client.on('error', () => undefined);
    return () => client.destroy();
  });
}

function byCommand(command: string, args: (port: number) => readonly string[]): Promise<Buffer> {
  return firstBytes((port) => {
    const child = spawn(command, args(port), { stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', () => undefined);
    return () => child.kill();
  });
}

function vector(size: number, ...parts: readonly (Buffer | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)),
  );
  const length = Buffer.alloc(size);
  length.writeUIntBE(body.length, 0, size);
  return Buffer.concat([length, body]);
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

function nameExtension(name: string): Buffer {
  return Buffer.concat([
    uint16(0),
    vector(2, vector(2, 0, vector(2, Buffer.from(name, 'latin1')))),
  ]);
}

function alpnExtension(...names: readonly string[]): Buffer {
  const list = names.map((name) => vector(1, Buffer.from(name)));
  return Buffer.concat([uint16(16), vector(2, vector(2, ...list))]);
}

function message(
  extensions: Buffer | null,
  changes: { ciphers?: Buffer; type?: number } = {},
): Buffer {
  const { ciphers = uint16(0x1301), type = 1 } = changes;
  const body = Buffer.concat([
    uint16(0x0303),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32, 8)),
    vector(2, ciphers),
    vector(1, 0),
    ...(extensions === null ? [] : [vector(2, extensions)]),
  ]);
  return Buffer.concat([Buffer.of(type), vector(3, body)]);
}

/** As records of at most `size` bytes. */
function records(handshake: Buffer, size = 16_384): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < handshake.length; at += size) {
    const part = handshake.subarray(at, at + size);
    parts.push(Buffer.of(22, 3, 1), vector(2, part));
  }
  return Buffer.concat(parts);
}

t.test('ClientHellos of node:tls', async (t) => {
  const plain = await byNode({});
  t.same(parseClientHello(plain), { serverName: null, alpn: [] });
  const named = await byNode({ servername: 'A.Example.com', ALPNProtocols: ['h2', 'http/1.1'] });
  t.same(parseClientHello(named), { serverName: 'a.example.com', alpn: ['h2', 'http/1.1'] });
  const old = await byNode({ servername: 'old.test', maxVersion: 'TLSv1.2' });
  t.same(parseClientHello(old), { serverName: 'old.test', alpn: [] });
});

t.test('ClientHellos of openssl and curl', async (t) => {
  const openssl = await byCommand('openssl', (port) => [
    ...['s_client', '-connect', `127.0.0.1:${port}`],
    ...['-servername', 'open.test', '-alpn', 'h2,istio'],
  ]);
  t.same(parseClientHello(openssl), { serverName: 'open.test', alpn: ['h2', 'istio'] });
  const curl = await byCommand('curl', (port) => [
    ...['-sk', '--noproxy', '*', '--http1.1'],
    ...['--resolve', `curl.test:${port}:127.0.0.1`, `https://curl.test:${port}/`],
  ]);
  t.same(parseClientHello(curl), { serverName: 'curl.test', alpn: ['http/1.1'] });
});

t.test('it may be spread over records, and come byte by byte', async (t) => {
  const hello = message(Buffer.concat([nameExtension('a.test'), alpnExtension('h2')]));
  const expected = { serverName: 'a.test', alpn: ['h2'] };
  for (const size of [1, 3, 4, 5, 64, hello.length - 1]) {
    const bytes = records(hello, size);
    t.same(parseClientHello(bytes), expected, `records of ${size}`);
    const reader = new ClientHelloReader();
    for (let length = 0; length < bytes.length; length++) {
      if (reader.read(bytes.subarray(0, length)) !== 'incomplete') t.fail(`at ${length}`);
    }
    t.same(reader.read(bytes), expected);
  }
  t.same(parseClientHello(Buffer.concat([records(hello), Buffer.from('early data')])), expected);
});

t.test('extensions are optional', async (t) => {
  t.same(parseClientHello(records(message(null))), { serverName: null, alpn: [] });
  t.same(parseClientHello(records(message(Buffer.alloc(0)))), { serverName: null, alpn: [] });
});

t.test('what is no ClientHello', async (t) => {
  const list = (...parts: Buffer[]): Buffer => records(message(Buffer.concat(parts)));
  const rows: readonly (readonly [string, Buffer])[] = [
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['one byte of something else', Buffer.of(0x80)],
    ['another major version', Buffer.of(22, 2)],
    ['an empty record', Buffer.of(22, 3, 1, 0, 0)],
    ['a record that is too long', Buffer.of(22, 3, 1, 0x40, 1)],
    ['another message', records(message(null, { type: 2 }))],
    ['another message, of which little is there', Buffer.of(22, 3, 1, 0, 50, 2)],
    ['no cipher suites', records(message(null, { ciphers: Buffer.alloc(0) }))],
    ['half a cipher suite', records(message(null, { ciphers: Buffer.alloc(3) }))],
    ['an empty message', records(Buffer.of(1, 0, 0, 0))],
    ['bytes behind the extensions', records(tail(message(Buffer.alloc(0))))],
    ['two server names', list(nameExtension('a'), nameExtension('b'))],
    ['two lists of protocols', list(alpnExtension('a'), alpnExtension('b'))],
    ['an empty server name', list(nameExtension(''))],
    ['a NUL in the server name', list(nameExtension('a\0b'))],
    ['a long server name', list(nameExtension('a'.repeat(256)))],
    [
      'a name of another type',
      list(Buffer.concat([uint16(0), vector(2, vector(2, 1, vector(2, 97)))])),
    ],
    ['an empty list of protocols', list(alpnExtension())],
    ['an empty protocol', list(alpnExtension('h2', ''))],
    ['an extension that is cut', list(Buffer.of(0, 16, 0, 9, 0))],
  ];
  for (const [what, bytes] of rows) t.equal(parseClientHello(bytes), 'not-tls', what);
});

/** With a byte that no vector accounts for, and a length that includes it. */
function tail(hello: Buffer): Buffer {
  const longer = Buffer.concat([hello, Buffer.of(0)]);
  longer.writeUIntBE(longer.length - 4, 1, 3);
  return longer;
}

t.test('whatever the bytes are, it answers', async (t) => {
  const random = new SeededRandom(7);
  const good = records(message(Buffer.concat([nameExtension('a.test'), alpnExtension('h2')])), 40);
  const seen = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(good);
    const changes = 1 + (random.uint32() % 4);
    for (let i = 0; i < changes; i++) {
      bytes[random.uint32() % bytes.length] = random.uint32() & 0xff;
    }
    seen.add(kindOf(parseClientHello(bytes.subarray(0, random.uint32() % (bytes.length + 1)))));
    const noise = Buffer.from(Array.from({ length: random.uint32() % 80 }, () => random.uint32()));
    seen.add(kindOf(parseClientHello(noise)));
  }
  t.same([...seen].sort(), ['hello', 'incomplete', 'not-tls']);
});

function kindOf(outcome: ClientHelloOutcome): string {
  return typeof outcome === 'string' ? outcome : 'hello';
}
