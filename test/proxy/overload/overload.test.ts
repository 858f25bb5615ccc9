import { connect as connectHttp2, constants } from 'node:http2';
import t from 'tap';
import { headerValue } from '../../support/http-reader.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import type { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest, type RawConnection } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const { HTTP2_HEADER_STATUS: status, HTTP2_HEADER_PATH: path } = constants;

t.test('a request is turned away before anything is done for it', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
  proxy.context.overload.stopAcceptingRequests = 1;
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  const refused = await client.readResponse();
  t.equal(refused.status, 503);
  t.equal(refused.body.toString(), 'envoy overloaded');
  t.equal(headerValue(refused.headers, 'connection'), null);
  t.match(await proxy.ending(), {
    flags: 'OM',
    details: 'overload',
    info: { method: 'GET', path: '/', authority: 'a', requestId: null, clusterName: '' },
  });
  t.equal(origin.requests.length, 0);
  t.equal(proxy.listener.stats.downstreamRqOverloadClose, 1);
  t.equal(proxy.listener.stats.rqTotal, 0, 'it came to no route');
  proxy.context.overload.stopAcceptingRequests = 0;
  client.write(getRequest('/', 'a'));
  t.equal((await client.readResponse()).status, 200, 'the connection stays');
  client.destroy();
});

t.test('one with a body ends its connection', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  proxy.context.overload.stopAcceptingRequests = 1;
  const response = await proxy.send(postRequest('/', 'body').replace(/body$/, ''));
  t.equal(response.status, 503);
  t.equal(headerValue(response.headers, 'connection'), 'close');
});

t.test('a HEAD has no body, and gRPC its own status', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  proxy.context.overload.stopAcceptingRequests = 1;
  const head = await proxy.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', 'HEAD');
  t.equal(head.status, 503);
  t.equal(head.body.length, 0);
  const grpc = await proxy.send(getRequest('/a.B/C', 'a', [['Content-Type', 'application/grpc']]));
  t.equal(grpc.status, 200);
  t.equal(headerValue(grpc.headers, 'grpc-status'), '14');
  t.equal(headerValue(grpc.headers, 'grpc-message'), 'envoy overloaded');
});

t.test('some are turned away where it is asked for some', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  proxy.context.overload.stopAcceptingRequests = 0.25;
  const client = await proxy.connect();
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    client.write(getRequest('/', 'a'));
    if ((await client.readResponse()).status === 503) refused++;
  }
  // Four standard deviations to either side.
  t.ok(refused > 65 && refused < 135, `${refused} of 400`);
  client.destroy();
});

t.test('streams of HTTP/2 are turned away one by one', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const client = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.teardown(() => client.destroy());
  const ask = (): Promise<{ status: unknown; body: string }> =>
    new Promise((resolve, reject) => {
      const stream = client.request({ [path]: '/' });
      let answered: unknown = 0;
      let body = '';
      stream.setEncoding('latin1');
      stream.on('response', (headers) => {
        answered = headers[status];
      });
      stream.on('data', (text: string) => {
        body += text;
      });
      stream.on('end', () => resolve({ status: answered, body }));
      stream.on('error', reject);
    });
  proxy.context.overload.stopAcceptingRequests = 1;
  t.same(await ask(), { status: 503, body: 'envoy overloaded' });
  proxy.context.overload.stopAcceptingRequests = 0;
  t.same(await ask(), { status: 200, body: 'hello' });
  t.equal(proxy.listener.stats.downstreamRqOverloadClose, 1);
  proxy.context.overload.disableHttpKeepalive = true;
  const gone = new Promise((resolve) => client.once('close', resolve));
  t.equal((await ask()).status, 200, 'the one under way is answered');
  await gone;
  t.equal(proxy.listener.stats.downstreamCxOverloadDisableKeepalive, 1);
});

t.test('connections end with their next response while keep-alive is off', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  t.equal(headerValue((await client.readResponse()).headers, 'connection'), null);
  proxy.context.overload.disableHttpKeepalive = true;
  client.write(getRequest('/', 'a'));
  t.equal(headerValue((await client.readResponse()).headers, 'connection'), 'close');
  await client.closed;
  t.match(proxy.listener.stats, {
    downstreamCxOverloadDisableKeepalive: 1,
    downstreamCxDrainClose: 1,
  });
});

/** Whether the proxy closes a new connection at once. */
async function isRefused(proxy: ProxyHarness): Promise<boolean> {
  const client: RawConnection = await proxy.connect();
  client.write(getRequest('/', 'a'));
  try {
    await client.readResponse();
    return false;
  } catch {
    return true;
  } finally {
    client.destroy();
  }
}

t.test('connections are rejected, each for its own reason', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const { overload } = proxy.context;
  const { stats } = proxy.listener;
  overload.rejectIncomingConnections = 1;
  t.ok(await isRefused(proxy));
  t.equal(stats.downstreamCxOverloadReject, 1);
  overload.rejectIncomingConnections = 0;
  overload.descriptorLimit = 3;
  t.ok(await isRefused(proxy));
  t.equal(stats.downstreamCxOverloadReject, 2);
  overload.descriptorLimit = Number.POSITIVE_INFINITY;
  overload.maxConnections = 0;
  t.ok(await isRefused(proxy));
  t.equal(stats.downstreamGlobalCxOverflow, 1);
  overload.maxConnections = 1;
  t.notOk(await isRefused(proxy));
  await proxy.until('close', () => overload.openConnections === 0);
  t.equal(stats.downstreamCxTotal, 1, 'rejected ones do not count');
});

t.test('a port that is closed for a while is opened again', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const open = await proxy.connect();
  const { port } = proxy;
  const failures: string[] = [];
  const setAccepting = (accepts: boolean): void =>
    proxy.runtime.listeners.setAccepting(accepts, ({ error }) => failures.push(error.code));
  setAccepting(false);
  setAccepting(false);
  await t.rejects(proxy.connect(), { code: 'ECONNREFUSED' });
  open.write(getRequest('/', 'a'));
  t.equal((await open.readResponse()).status, 200, 'open connections go on');
  setAccepting(true);
  setAccepting(true);
  await proxy.until('port', () => proxy.listener.accepts);
  t.equal(proxy.port, port);
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  t.same(failures, []);
  open.destroy();
});
