/** Requests as browsers and scripts send them, byte for byte, to a server on a real socket. */

import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { testState } from './running-state-fixture.ts';

async function start(t: Test, address = '127.0.0.1', allowedHosts: readonly string[] = []) {
  const state = testState();
  const server = new AdminServer(state, {
    allowedHosts,
    onError: (error) => {
      throw error;
    },
  });
  const bound = await server.listen(address, 0);
  if (!bound.ok) throw bound.error;
  t.teardown(() => server.close());
  const { port } = bound.value;
  /** The status line of the answer to these lines of a head. */
  const ask = (...lines: readonly string[]) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(port, address);
      let answer = '';
      socket.setEncoding('latin1');
      socket.on('error', reject);
      socket.on('data', (piece: string) => {
        answer += piece;
      });
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])));
      socket.end(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
    });
  return { state, port, ask };
}

const get = 'GET /ready HTTP/1.1';
const quit = 'POST /quitquitquit HTTP/1.1';

t.test('Host is an address, localhost or a name that is allowed', async (t) => {
  const { ask } = await start(t, '127.0.0.1', ['Proxy.Example']);
  const hosts: readonly (readonly [string, number])[] = [
    ['127.0.0.1', 200],
    ['127.0.0.1:15000', 200],
    ['127.0.0.1:', 403],
    ['[::1]', 200],
    ['[::1]:15000', 200],
    ['[FE80::1]:15000', 200],
    ['10.1.2.3:15000', 200],
    ['localhost', 200],
    ['localhost:15000', 200],
    ['LOCALHOST:80', 200],
    ['admin.LocalHost', 200],
    ['proxy.example', 200],
    ['PROXY.example:15000', 200],
    ['evil.example', 403],
    ['evil.example:15000', 403],
    ['sub.proxy.example', 403],
    ['localhost.evil.example', 403],
    ['localhost.', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.1', 403],
    ['2130706433', 403],
    ['0x7f.1', 403],
    ['evil.example:127.0.0.1', 403],
    ['evil.example:localhost', 403],
    ['[::1].evil.example', 403],
    ['[evil.example]', 403],
    ['user@localhost', 403],
    ['localhost:80:80', 403],
    ['', 403],
  ];
  for (const [host, status] of hosts) t.equal(await ask(get, `Host: ${host}`), status, host);
});

t.test('without Host nothing is answered', async (t) => {
  const { ask } = await start(t);
  t.equal(await ask(get), 400);
  t.equal(await ask('GET /ready HTTP/1.0'), 403);
});

t.test('it is the same on an IPv6 address', async (t) => {
  const { ask, port } = await start(t, '::1');
  t.equal(await ask(get, `Host: [::1]:${port}`, `Origin: http://[::1]:${port}`), 200);
  t.equal(await ask(get, `Host: [::1]:${port}`, 'Origin: http://[::1]:1'), 403);
  t.equal(await ask(get, 'Host: evil.example'), 403);
});

t.test('a page of another origin gets nothing and changes nothing', async (t) => {
  const { state, ask } = await start(t);
  const host = 'Host: localhost:15000';
  for (const origin of [
    'http://evil.example',
    'https://evil.example:15000',
    'http://localhost',
    'http://localhost:1',
    'http://127.0.0.1:15000',
    'http://localhost:15000.evil.example',
    'null',
    'nonsense',
    '',
  ]) {
    t.equal(await ask(quit, host, `Origin: ${origin}`, 'Content-Length: 0'), 403, origin);
    t.equal(await ask(get, host, `Origin: ${origin}`), 403, origin);
  }
  t.same(state.calls, []);
  t.equal(await ask(quit, host, 'Origin: http://localhost:15000', 'Content-Length: 0'), 200);
  t.equal(await ask(get, 'Host: LOCALHOST:80', 'Origin: http://localhost'), 200);
  t.same(state.calls, ['quit']);
});

t.test('a frame is no link', async (t) => {
  const { ask } = await start(t);
  const from = ['Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'];
  for (const [dest, status] of [
    ['document', 200],
    ['iframe', 403],
    ['object', 403],
  ] as const) {
    t.equal(await ask('GET / HTTP/1.1', ...from, `Sec-Fetch-Dest: ${dest}`), status, dest);
  }
});

t.test('the address that stands for all is no name of this machine', async (t) => {
  const { ask } = await start(t);
  for (const host of ['0.0.0.0:15000', '0.0.0.0', '[::]:15000', '[0:0:0:0:0:0:0:0]']) {
    t.equal(await ask(get, `Host: ${host}`), 403, host);
  }
});

t.test('what a page embeds says where it comes from, a link leads to the first page', async (t) => {
  const { state, ask } = await start(t);
  const host = 'Host: localhost:15000';
  const table = [
    [get, 'same-origin', 'cors', 200],
    [get, 'none', 'navigate', 200],
    ['GET / HTTP/1.1', 'cross-site', 'navigate', 200],
    ['GET /?a=b HTTP/1.1', 'same-site', 'navigate', 200],
    [get, 'cross-site', 'navigate', 403],
    ['GET / HTTP/1.1', 'cross-site', 'no-cors', 403],
    [get, 'cross-site', 'no-cors', 403],
    [get, 'same-site', 'no-cors', 403],
    [get, 'cross-site', 'cors', 403],
    ['HEAD /ready HTTP/1.1', 'cross-site', 'navigate', 403],
    [quit, 'cross-site', 'navigate', 403],
    [quit, 'same-site', 'navigate', 403],
  ] as const;
  for (const [line, site, mode, status] of table) {
    const headers = [
      `Sec-Fetch-Site: ${site}`,
      `Sec-Fetch-Mode: ${mode}`,
      'Sec-Fetch-Dest: document',
    ];
    const asked = await ask(line, host, ...headers, 'Content-Length: 0');
    t.equal(asked, status, `${line} ${site} ${mode}`);
  }
  t.same(state.calls, []);
});

t.test('a mutation by any method but POST is 400 without effect', async (t) => {
  const { state, ask } = await start(t);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    for (const path of ['/quitquitquit', '/drain_listeners', '/healthcheck/fail', '/logging']) {
      const status = await ask(`${method} ${path} HTTP/1.1`, 'Host: localhost');
      t.equal(status, 400, `${method} ${path}`);
    }
  }
  t.equal(state.lifecycleState, 'LIVE');
  t.same(state.calls, []);
  t.equal(await ask('POST /clusters HTTP/1.1', 'Host: localhost', 'Content-Length: 0'), 405);
});

t.test('pages tell browsers to be careful with them', async (t) => {
  const { port } = await start(t);
  for (const path of ['/', '/config_dump', '/nothing', '/quitquitquit']) {
    const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    t.equal(headers.get('referrer-policy'), 'same-origin');
    t.equal(headers.get('cache-control'), 'no-cache, max-age=0');
    t.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
    t.equal(headers.get('access-control-allow-origin'), null);
  }
});
