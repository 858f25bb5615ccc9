import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { startBookinfo } from '../../src/demo/bookinfo.ts';
import type { ServiceAddress } from '../../src/demo/service.ts';

interface Bookinfo {
  readonly page: string;
  /** Requests the mesh listener got, as `authority path`, with their headers. */
  readonly meshed: Array<{ readonly target: string; readonly headers: Record<string, unknown> }>;
  /** Which workload answers for a service; without an entry the mesh answers 503. */
  readonly routes: Map<string, string>;
}

const workloadNames = [
  'productpage-v1',
  'details-v1',
  'ratings-v1',
  'reviews-v1',
  'reviews-v2',
  'reviews-v3',
];

/** The services on free ports, and a stand-in for the mesh listener that routes by `routes`. */
async function startDemo(t: Test): Promise<Bookinfo> {
  const meshed: Bookinfo['meshed'] = [];
  const routes = new Map([
    ['details', 'details-v1'],
    ['ratings', 'ratings-v1'],
    ['reviews', 'reviews-v1'],
  ]);
  const addresses = new Map<string, ServiceAddress>();
  const mesh = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '');
    meshed.push({ target: `${url.host} ${url.pathname}`, headers: incoming.headers });
    const address = addresses.get(routes.get(url.hostname) ?? '');
    if (address === undefined) {
      outgoing.writeHead(503).end();
      return;
    }
    request({ ...address, path: url.pathname, headers: incoming.headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(outgoing);
    }).end();
  });
  const anyPort = Object.fromEntries(
    workloadNames.map((name) => [name, { host: '127.0.0.1', port: 0 }]),
  );
  const meshAddress = await listen(mesh);
  const servers = await startBookinfo({ mesh: meshAddress, workloads: anyPort });
  for (const [index, name] of workloadNames.entries()) {
    addresses.set(name, addressOf(servers[index] as Server));
  }
  t.teardown(() => {
    for (const server of [mesh, ...servers]) server.close().closeAllConnections();
  });
  const page = addresses.get('productpage-v1') as ServiceAddress;
  return { page: `http://127.0.0.1:${page.port}`, meshed, routes };
}

function listen(server: Server): Promise<ServiceAddress> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(addressOf(server)));
  });
}

function addressOf(server: Server): ServiceAddress {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const asJason = { headers: { cookie: 'session=jason' } };

t.test('the page shows details and reviews without stars from v1', async (t) => {
  const demo = await startDemo(t);
  const html = await (await fetch(`${demo.page}/productpage`)).text();
  t.match(html, 'The Comedy of Errors');
  t.match(html, 'William Shakespeare');
  t.match(html, '<b id="podname">reviews-v1</b>');
  t.notMatch(html, 'class="stars');
  t.same(demo.meshed.map(({ target }) => target).sort(), [
    'details:9080 /details/0',
    'reviews:9080 /reviews/0',
  ]);
});

t.test('v2 shows black stars and v3 red ones, as many as ratings says', async (t) => {
  const demo = await startDemo(t);
  for (const [version, color] of [
    ['v2', 'black'],
    ['v3', 'red'],
  ]) {
    demo.routes.set('reviews', `reviews-${version}`);
    const html = await (await fetch(`${demo.page}/productpage`)).text();
    t.match(html, `<b id="podname">reviews-${version}</b>`);
    t.match(html, `aria-label="5 of 5 stars, ${color}"`);
    t.match(html, `aria-label="4 of 5 stars, ${color}"`);
  }
});

t.test('a service that fails costs its own part of the page only', async (t) => {
  const demo = await startDemo(t);
  demo.routes.set('reviews', 'reviews-v2');
  demo.routes.delete('ratings');
  demo.routes.delete('details');
  const response = await fetch(`${demo.page}/productpage`);
  const html = await response.text();
  t.equal(response.status, 200);
  t.match(html, 'Ratings service is currently unavailable');
  t.match(html, 'Currently unavailable: the service behind the proxy answered 503');
  t.match(html, 'reviews-v2');
});

t.test('logging in sets a session, and the session becomes end-user', async (t) => {
  const demo = await startDemo(t);
  const login = await fetch(`${demo.page}/login`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'jason' }),
    redirect: 'manual',
  });
  t.equal(login.status, 302);
  t.equal(login.headers.get('location'), '/productpage');
  t.match(login.headers.get('set-cookie'), /^session=jason; /);
  const html = await (await fetch(`${demo.page}/productpage`, asJason)).text();
  t.match(html, '<b id="user">jason</b>');
  t.ok(demo.meshed.every(({ headers }) => headers['end-user'] === 'jason'));
  const logout = await fetch(`${demo.page}/logout`, { ...asJason, redirect: 'manual' });
  t.match(logout.headers.get('set-cookie'), /^session=; .*Max-Age=0/);
});

t.test('a name that is no name starts no session, and end-user is not believed', async (t) => {
  const demo = await startDemo(t);
  const login = await fetch(`${demo.page}/login`, {
    method: 'POST',
    body: new URLSearchParams({ username: '<script>' }),
    redirect: 'manual',
  });
  t.equal(login.headers.get('set-cookie'), null);
  await fetch(`${demo.page}/productpage`, { headers: { 'end-user': 'jason' } });
  t.ok(demo.meshed.every(({ headers }) => headers['end-user'] === undefined));
});

t.test('trace and identity headers go along to every service behind', async (t) => {
  const demo = await startDemo(t);
  demo.routes.set('reviews', 'reviews-v3');
  const headers = {
    'x-request-id': 'id-1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'x-b3-traceid': '0af7651916cd43dd',
    'user-agent': 'reader/1',
    'x-unrelated': 'stays here',
  };
  await (await fetch(`${demo.page}/productpage`, { headers })).text();
  t.equal(demo.meshed.length, 3);
  for (const { headers: sent } of demo.meshed) {
    const { 'x-unrelated': unrelated, ...propagated } = headers;
    t.match(sent, propagated);
    t.equal(sent['x-unrelated'], undefined);
  }
});

t.test('the paths of the programming interface answer JSON', async (t) => {
  const demo = await startDemo(t);
  const json = async (path: string) => (await fetch(`${demo.page}${path}`)).json();
  t.match(await json('/api/v1/products'), [{ id: 0, title: 'The Comedy of Errors' }]);
  t.match(await json('/api/v1/products/0'), { id: 0, author: 'William Shakespeare' });
  t.match(await json('/api/v1/products/0/reviews'), { id: '0', podname: 'reviews-v1' });
  t.match(await json('/api/v1/products/0/ratings'), { ratings: { Reviewer1: 5, Reviewer2: 4 } });
  t.match(await json('/health'), { status: 'Product page is healthy' });
  t.equal((await fetch(`${demo.page}/nothing`)).status, 404);
  demo.routes.delete('ratings');
  t.equal((await fetch(`${demo.page}/api/v1/products/0/ratings`)).status, 503);
});

t.test('a taken port is named together with the workload that wants it', async (t) => {
  const blocker = createServer();
  const taken = await listen(blocker);
  t.teardown(() => blocker.close());
  const workloads = Object.fromEntries(workloadNames.map((name) => [name, taken]));
  await t.rejects(
    startBookinfo({ mesh: taken, workloads }),
    /127\.0\.0\.1:\d+, the address of \S+, is taken by another process/,
  );
});
