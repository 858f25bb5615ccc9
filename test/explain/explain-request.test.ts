import t from 'tap';
import { describeOutcome } from '../../src/cli/explain/describe-outcome.ts';
import { type RequestText, readAskedRequest } from '../../src/explain/asked-request.ts';
import { compileConfig } from '../../src/explain/compile-config.ts';
import { explainRequest } from '../../src/explain/explain-request.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { matchAny } from '../../src/model/filter-chain.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { ForwardAction, Route } from '../../src/model/route.ts';
import type { DownstreamTls } from '../../src/model/tls.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../support/mesh-models.ts';
import { forwardTo, pathMatch, route, weightedCluster } from '../support/route-models.ts';
import { tcpChain } from '../support/tcp-models.ts';
import {
  authoritySecret,
  mutualTls,
  pairSecret,
  peerValidation,
  pem,
  simpleTls,
} from '../support/tls-fixtures.ts';

function explained(mesh: Mesh, request: RequestText): Explanation | string {
  const asked = readAskedRequest(request);
  if (!asked.ok) return asked.error;
  const config = compileConfig(mesh, hash64, [pairSecret('server-a')]);
  const result = explainRequest(config, asked.value);
  return result.ok ? result.value : result.error;
}

const url = 'http://a.test/?key=1';

t.test('what a route asks of its clients, and whom it refuses', async (t) => {
  const admission = {
    rateLimits: [
      { name: 's', milliRequestsPerSecond: 5000, burst: 25, status: 503, exempt: ['10.0.0.0/8'] },
      { name: 'm', milliRequestsPerSecond: 500, burst: 150, status: 429, exempt: [] },
    ],
    concurrencyLimits: [{ name: 'c', maxRequests: 2, status: 503, exempt: [] }],
    sourceIps: { deny: ['192.0.2.66'], allow: ['192.0.2.0/24', 'fd00::/8'] },
    maxRequestBytes: 8,
  };
  const customResponse = { statuses: [404, 503], cluster: 'pages', requestHeaders: {} };
  const all = { ...route('all', {}, forwardTo('origin')), admission, customResponse };
  const mesh = meshOf({ clusters: [clusterOf('origin', [81])], routes: [all] });
  const from = (clientAddress: string, headers: readonly string[] = []) =>
    explained(mesh, { url, clientAddress, headers }) as Explanation;
  const served = from('192.0.2.1', ['content-length: 8']);
  t.match(served, { outcome: 'forwarded', refusal: null });
  const said = Object.fromEntries(served.policy.map(({ name, value }) => [name, value]));
  t.match(said, {
    'request body': 'at most 8 bytes, over it 413',
    concurrency: '2 requests of each address, over it 503',
    sources: 'not 192.0.2.66; only 192.0.2.0/24, fd00::/8, others get 403',
    'error pages': '404, 503 are answered by pages',
  });
  const rates = served.policy.filter(({ name }) => name === 'rate limit');
  t.same(
    rates.map(({ value }) => value),
    [
      '5 a second from each address and 25 at once more, over it 503, but for 10.0.0.0/8',
      '30 a minute from each address and 150 at once more, over it 429',
    ],
  );
  const cases = [
    [
      '192.0.2.66',
      [],
      'is refused with 403: its client, 192.0.2.66, is in no range that is served',
    ],
    ['198.51.100.1', [], /refused with 403/],
    [
      'fd00::1',
      ['content-length: 9'],
      /refused with 413: its body of 9 bytes is larger than the 8/,
    ],
  ] as const;
  for (const [address, headers, text] of cases) {
    const refused = from(address, headers);
    t.equal(refused.outcome, 'denied', address);
    t.same(refused.targets, [], 'nothing is sent');
    t.match(describeOutcome(refused).text, text);
  }
});

function hashed(changes: Partial<ForwardAction>): Mesh {
  const loadBalancer = { policy: 'MAGLEV', tableSize: 101 } as const;
  const clusters = ['one', 'two'].map((name) => clusterOf(name, [81, 82, 83], { loadBalancer }));
  const action = forwardTo('one', {
    clusters: [weightedCluster('one', 1), weightedCluster('two', 3)],
    hashPolicies: [{ kind: 'header', name: 'x-user' }],
    ...changes,
  });
  return meshOf({ clusters, routes: [route('all', {}, action)] });
}

t.test('a hash gives an endpoint, and with sticky weights a cluster', async (t) => {
  const headers = ['x-user: jane'];
  const plain = explained(hashed({}), { url, headers }) as Explanation;
  t.match(plain.hash, { policies: ['header x-user'], value: /^[0-9a-f]{16}$/, cluster: null });
  t.match(plain.targets, [
    { percent: 25, hashedEndpoint: /^127\.0\.0\.1:8[123]$/ },
    { percent: 75, hashedEndpoint: /^127\.0\.0\.1:8[123]$/ },
  ]);
  t.same(plain, explained(hashed({}), { url, headers }), 'the same each time');
  const sticky = explained(hashed({ stickyWeights: true }), { url, headers }) as Explanation;
  t.match(sticky.hash, { cluster: /^(one|two)$/ });
});

t.test(
  'a request without a key goes anywhere, one that gets a cookie is not foretold',
  async (t) => {
    t.match(explained(hashed({}), { url }), {
      hash: { value: null },
      targets: [{ hashedEndpoint: null }],
    });
    const cookie = {
      kind: 'cookie',
      name: 'sid',
      path: null,
      ttlSeconds: 0,
      attributes: [],
    } as const;
    const given = hashed({ hashPolicies: [cookie] });
    t.match(explained(given, { url }), {
      hash: { policies: ['cookie sid, given to clients without it'], value: null },
    });
    t.match(explained(given, { url, headers: ['cookie: sid=1'] }), {
      hash: { value: /^[0-9a-f]+$/ },
    });
  },
);

t.test('what never reaches a route', async (t) => {
  const mesh = hashed({});
  t.match(explained(mesh, { url: 'http://a.test/%00' }), { outcome: 'refused', matched: null });
  t.match(explained(mesh, { url, method: 'CONNECT' }), { outcome: 'not-found', rejected: [] });
  t.match(explained(mesh, { url: 'https://a.test/' }), /^no listener takes https requests for a/);
  const chain = tcpChain({ name: 'tls', match: { ...matchAny, serverNames: ['a.test'] } });
  const passing = { ...mesh, listeners: [listenerModel({ filterChains: [chain] })] };
  t.match(
    explained(passing, { url: 'https://a.test/' }),
    /^gateway_80 passes connections for a\.test on to .+ reads no request: ask for the connection$/,
  );
  t.match(explained(passing, { url, side: { kind: 'mesh' } }), 'there is no listener of the mesh');
});

t.test('the status is that of the proxy, where it answers by itself', async (t) => {
  const gone = forwardTo('gone', { clusterNotFoundStatus: 500 });
  const abort = { httpStatus: 418, grpcStatus: null, percentage: 1_000_000 };
  const fault = { delay: null, abort, inAttempt: false };
  const first = (one: Route) =>
    explained(meshOf({ routes: [one], clusters: [clusterOf('origin', [81])] }), { url });
  t.match(first(route('all', {}, gone)), { outcome: 'cluster-not-found', status: 500 });
  t.match(first({ ...route('all', {}, gone), fault }), { status: 418 }, 'faults come first');
  t.match(first(route('all', {}, forwardTo('origin'))), { outcome: 'forwarded', status: null });
  t.match(first(route('/other', { path: pathMatch('exact', '/other') })), { status: 404 });
  const some = forwardTo('', {
    clusters: [weightedCluster('gone', 1), weightedCluster('origin', 1)],
  });
  t.match(first(route('all', {}, some)), { outcome: 'forwarded', status: null });
});

t.test(
  'without its certificate a listener closes connections, whatever routes it has',
  async (t) => {
    const ask = (changes: Partial<DownstreamTls>) => {
      const listeners = [listenerModel({ filterChains: [httpChain({ tls: simpleTls(changes) })] })];
      const mesh = meshOf({ listeners, clusters: [clusterOf('origin', [81])] });
      return explained(mesh, { url: 'https://a.test/' }) as Explanation;
    };
    t.match(ask({}), { outcome: 'forwarded', tls: { missingCertificates: [] } });
    const bare = ask({ certificates: ['server-a', 'gone'] });
    t.match(bare, {
      outcome: 'no-certificate',
      status: null,
      matched: {},
      targets: [],
      tls: { accepted: false, missingCertificates: ['gone'], reason: /gone is missing$/ },
    });
    const { text } = describeOutcome(bare);
    t.equal(text, 'is never sent: the connection is closed, the certificate gone is missing');
    t.match(ask({ certificates: [] }), { outcome: 'no-certificate' });
    t.match(ask({ certificates: ['gone'], localAuthority: true }), { outcome: 'forwarded' });
  },
);

t.test('a cluster that is missing is said to be', async (t) => {
  const mesh = meshOf({ routes: [route('all', {}, forwardTo('gone'))], clusters: [] });
  t.match(explained(mesh, { url }), {
    outcome: 'cluster-not-found',
    status: 503,
    targets: [{ cluster: 'gone', exists: false, endpoints: [], policy: [], upstreamHeaders: [] }],
  });
});

t.test('a listener with MUTUAL asks for a certificate, and tells the upstream of it', async (t) => {
  const names = { subjectAltNames: ['spiffe://cluster.local/ns/default/sa/other'] };
  const ask = (changes: Partial<DownstreamTls>, certificate: string | null) => {
    const chain = httpChain({ tls: mutualTls(changes) });
    const listeners = [listenerModel({ filterChains: [chain] })];
    const mesh = meshOf({ listeners, clusters: [clusterOf('origin', [81])] });
    const config = compileConfig(mesh, hash64, [authoritySecret(), pairSecret('server-a')]);
    const asked = readAskedRequest({ url: 'https://a.test/', certificate });
    if (!asked.ok) throw new Error(asked.error);
    const result = explainRequest(config, asked.value);
    if (!result.ok) throw new Error(result.error);
    return result.value;
  };
  const told = (explanation: Explanation) =>
    explanation.targets[0]?.upstreamHeaders.find(({ name }) => name === 'x-forwarded-client-cert');
  const good = pem('client-good');
  const accepted = ask({}, good);
  t.match(accepted, {
    outcome: 'forwarded',
    tls: { accepted: true, clientCertificate: 'required' },
  });
  t.match(told(accepted)?.value, /^Hash=[0-9a-f]{64};Cert="-----BEGIN.+;Subject="/);
  t.match(ask({}, 'none'), { outcome: 'handshake-failed', virtualHost: null, targets: [] });
  const unsaid = ask({}, null);
  t.match(unsaid, {
    outcome: 'forwarded',
    tls: { reason: /^the client must show a certificate;/ },
  });
  t.equal(told(unsaid), undefined);
  const optional = ask({ clientCertificate: 'optional' }, 'none');
  t.match(optional, { outcome: 'forwarded', tls: { reason: /may be missing$/ } });
  t.match(ask({ clientCertificate: 'optional' }, pem('client-forger')).outcome, 'handshake-failed');
  const wrongName = ask({ validation: peerValidation(names) }, good);
  t.match(
    wrongName.tls?.reason,
    /^the certificate of the client is to be for spiffe:.+; it is for/,
  );
  t.match(ask({ clientCertificate: 'none', validation: null }, good), {
    outcome: 'forwarded',
    tls: { client: null, reason: 'no certificate of the client is asked for' },
  });
});

t.test('the server name of TLS chooses the filter chain, not the host', async (t) => {
  const chains = ['a.test', 'b.test'].map((name) =>
    httpChain({ name, match: { ...matchAny, serverNames: [name] }, tls: simpleTls() }),
  );
  const mesh = meshOf({ listeners: [listenerModel({ filterChains: chains })] });
  const by = (serverName: string | null) => explained(mesh, { url: 'https://a.test/', serverName });
  t.match(by(null), { filterChain: 'a.test' });
  t.match(by('B.test'), {
    filterChain: 'b.test',
    filterChains: [{ reason: 'the server name is to be a.test; it is b.test' }, { chosen: true }],
  });
});

t.test('a host that the parser refuses is refused', async (t) => {
  const mesh = meshOf({
    clusters: [clusterOf('origin', [81])],
    routes: [route('all', {}, forwardTo('origin'))],
  });
  const wrong: readonly RequestText[] = [
    { url: 'http://a b/' },
    { url: 'http://ä.test/' },
    { url: 'http://a.test/', headers: ['host: x y'] },
    { url: 'http://a.test/', headers: ['host: <a>'] },
  ];
  for (const request of wrong) {
    const told = explained(mesh, request);
    t.match(told, { outcome: 'refused', matched: null, virtualHost: null }, request.url);
    const { text } = describeOutcome(told as Explanation);
    t.equal(text, 'is refused with 400: its host has characters that no host has');
  }
});

t.test('a user in the URL is not part of the host', async (t) => {
  const mesh = meshOf({
    clusters: [clusterOf('origin', [81])],
    routes: [route('all', {}, forwardTo('origin'))],
  });
  t.match(explained(mesh, { url: 'http://user:pw@a.test:80/' }), {
    outcome: 'forwarded',
    request: { authority: 'a.test:80' },
  });
  t.match(explained(mesh, { url: 'http://user@/' }), /^url is one of http or https with its host/);
});

t.test('TLS is of https alone', async (t) => {
  const certificates: readonly Partial<RequestText>[] = [
    { serverName: 'other.test' },
    { certificate: 'none' },
    { certificate: pem('client-good') },
  ];
  for (const tls of certificates) {
    t.match(explained(meshOf({}), { url, ...tls }), /are of TLS: the url is one of https$/);
  }
});
