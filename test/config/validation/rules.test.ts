/** Rules of each kind, as people meet them: a resource and what is wrong with it. */

import t, { type Test } from 'tap';
import { loadResources } from '../../support/load-resources.ts';

type Kind =
  | 'VirtualService'
  | 'DestinationRule'
  | 'Gateway'
  | 'ServiceEntry'
  | 'WorkloadEntry'
  | 'Sidecar'
  | 'Bootstrap';

/** Problems of a resource with this spec: `path: message`. */
function problems(kind: Kind, spec: unknown): string[] {
  const apiVersion = kind === 'Bootstrap' ? 'sluice.dev/v1' : 'networking.istio.io/v1';
  const text = JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec });
  const { findings } = loadResources([{ path: 'a.json', text }]);
  return findings.map(({ path, message }) => `${path.replace(/^spec\.?/, '')}: ${message}`);
}

const route = [{ destination: { host: 'web' } }];

function http(rule: object): string[] {
  const found = problems('VirtualService', { hosts: ['web'], http: [{ route, ...rule }] });
  return found.map((text) => text.replace('http[0].', ''));
}

function matching(match: object): string[] {
  return http({ match: [match] }).map((text) => text.replace('match[0].', ''));
}

type Cases = readonly (readonly [found: string[], expected: RegExp | null])[];

function check(t: Test, cases: Cases): void {
  for (const [found, expected] of cases) {
    if (expected === null) t.strictSame(found, []);
    else {
      t.equal(found.length, 1, `one problem: ${found}`);
      t.match(found[0], expected);
    }
  }
}

t.test('hosts of a VirtualService', async (t) => {
  const hosts = (list: string[], gateways?: string[]) =>
    problems('VirtualService', { hosts: list, http: [{ route }], ...(gateways && { gateways }) });
  check(t, [
    [hosts(['web', 'web.shop', '*.example.com', 'a.b.']), null],
    [hosts(['10.1.2.3']), null],
    [hosts(['*'], ['gw']), null],
    [hosts(['*']), /^hosts\[0\]: .*not allowed in the mesh/],
    [hosts(['*'], ['gw', 'mesh']), /not allowed in the mesh/],
    [hosts(['we!b']), /"we!b" is not a host name/],
    [hosts(['a.*.b']), /the part "\*" is not valid/],
    [hosts(['*.a.com', 'x.a.com']), /^hosts\[1\]: .*overlap/],
    [hosts(['web'], ['ns/*']), /^gateways\[0\]: "ns\/\*" is not the name/],
    [hosts(['web'], ['gw.ns.svc.cluster.local']), /old way to name a gateway/],
    [problems('VirtualService', { hosts: ['web'] }), /has no rules/],
    [problems('VirtualService', { gateways: ['gw'], http: [{ route }] }), /^gateways: .*delegate/],
  ]);
});

t.test('actions of a rule', async (t) => {
  const redirect = { uri: '/b' };
  check(t, [
    [http({ route: [] }), /^http\[0\]: the rule does not say where/],
    [http({ redirect }), /^route: a rule cannot have both "redirect" and "route"/],
    [http({ route: undefined, redirect }), null],
    [http({ route: undefined, redirect: {} }), /^redirect: the redirect changes nothing/],
    [
      http({ route: undefined, redirect: { ...redirect, redirectCode: 200 } }),
      /200 is not a redirect/,
    ],
    [http({ route: undefined, redirect: { ...redirect, scheme: 'ftp' } }), /http or https/],
    [
      http({
        route: undefined,
        redirect: { prefixRewrite: '/b' },
        match: [{ uri: { exact: '/a' } }],
      }),
      /needs a uri prefix/,
    ],
    [http({ route: undefined, directResponse: { status: 200 } }), null],
    [http({ route: undefined, directResponse: { status: 99 } }), /status must be 200 to 599/],
    [http({ route: undefined, directResponse: { status: 600 } }), /status must be 200 to 599/],
    [
      http({
        route: undefined,
        directResponse: { status: 200 },
        fault: { abort: { httpStatus: 500 } },
      }),
      /^fault: /,
    ],
    [http({ rewrite: {} }), /^rewrite: the rewrite changes nothing/],
    [
      http({ rewrite: { uri: '/a', uriRegexRewrite: { match: 'a', rewrite: 'b' } } }),
      /only one of/,
    ],
    [
      http({ rewrite: { uriRegexRewrite: { match: '(', rewrite: 'b' } } }),
      /not a regular expression/,
    ],
    [http({ rewrite: { uriRegexRewrite: { match: '(a)', rewrite: '\\0\\1\\\\' } } }), null],
    [
      http({ rewrite: { uriRegexRewrite: { match: '(a)', rewrite: '\\2' } } }),
      /^rewrite\.uriRegexRewrite\.rewrite: the pattern has no group 2$/,
    ],
    [
      http({ rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'b\\' } } }),
      /^rewrite\.uriRegexRewrite\.rewrite: .* is no group of the pattern$/,
    ],
    [
      http({ rewrite: { uriRegexRewrite: { match: 'a', rewrite: '\\n' } } }),
      /^rewrite\.uriRegexRewrite\.rewrite: .* is no group of the pattern$/,
    ],
    [
      http({ mirror: { host: 'a' }, mirrors: [{ destination: { host: 'b' } }] }),
      /"mirror" and "mirrors"/,
    ],
    [http({ mirrorPercentage: { value: 101 } }), /0 to 100, not 101/],
    [http({ timeout: '0s' }), /^timeout: .* 1ms or more/],
    [http({ timeout: '1.0000005s' }), /whole number of milliseconds/],
    [http({ delegate: { name: 'b' } }), /^route: a rule that delegates/],
    [
      problems('VirtualService', { http: [{ delegate: { name: 'b' } }] }),
      /^http\[0\].delegate: a delegate cannot delegate in turn/,
    ],
  ]);
});

t.test('destinations and weights', async (t) => {
  const weights = (...list: number[]) =>
    http({ route: list.map((weight) => ({ destination: { host: 'web' }, weight })) });
  check(t, [
    [weights(0), null],
    [weights(1, 2, 0), null],
    [weights(0, 0), /^route: the weights of all 2 destinations are 0/],
    [weights(-1, 2), /^route\[0\]\.weight: /],
    [http({ route: [{ destination: { host: '*' } }] }), /"\*" cannot be a destination/],
    [
      http({ route: [{ destination: { host: 'web', subset: 'v_1' } }] }),
      /"v_1" is not a valid name/,
    ],
    [http({ route: [{ destination: { host: 'web', port: { number: 0 } } }] }), /1 to 65535/],
  ]);
});

t.test('conditions of a rule', async (t) => {
  check(t, [
    [matching({ uri: { prefix: '' } }), null],
    [matching({ headers: { 'x-a': {} }, withoutHeaders: { 'x-b': { regex: '*' } } }), null],
    [matching({ headers: { ':path': { exact: '/' } } }), null],
    [matching({ headers: { 'x-a': { prefix: '' } } }), /prefix must not be empty/],
    [matching({ headers: { 'x-a': { regex: '' } } }), /must not be empty/],
    [matching({ headers: { 'x-a': { regex: '*' } } }), /"\*" is not a regular expression/],
    [matching({ uri: { regex: '(?<a' } }), /"\(\?<a" is not a regular expression/],
    [matching({ uri: { regex: 'a'.repeat(1025) } }), /more than 1024 bytes/],
    [matching({ headers: { 'x a': { exact: 'b' } } }), /"x a" is not a header name/],
    [matching({ port: 70000 }), /1 to 65535/],
    [matching({ sourceLabels: { app: 'a b' } }), /not a valid label value/],
    [
      matching({ headers: { '@request.auth.claims.group': { exact: 'a' } } }),
      /only be matched on gateways/,
    ],
  ]);
});

t.test('headers, retries, faults and CORS', async (t) => {
  const set = (headers: object) => http({ headers: { request: { set: headers } } });
  check(t, [
    [set({ ':authority': 'a', 'x-a': '%REQ(:path)% 100%%' }), null],
    [set({ ':method': 'GET' }), /":method" cannot be changed/],
    [set({ 'x-a': '100%' }), /does not end/],
    [set({ 'x-a': '%REQ(x' }), /does not end/],
    [set({ 'x-a': 'a\nb' }), /control characters/],
    [set({ host: 'a', ':authority': 'b' }), /authority is set/],
    [http({ headers: { request: { remove: ['host'] } } }), /Host header cannot be changed/],
    [http({ headers: { response: { set: { host: 'a' } } } }), /Host header cannot be changed/],
    [http({ retries: { attempts: 0 } }), null],
    [http({ retries: { attempts: 3, retryOn: '5xx,503,reset' } }), null],
    [
      http({ retries: { attempts: 3, retryOn: '5xx, reset' } }),
      /" reset" is not a retry condition/,
    ],
    [
      http({ retries: { attempts: 3, retryOn: 'constructor' } }),
      /"constructor" is not a retry condition/,
    ],
    [http({ retries: { attempts: 3, retryOn: '299' } }), /"299" is not a retry condition/],
    [
      http({ retries: { attempts: 3, retryOn: 'retriable-headers' } }),
      /"retriable-headers" has no effect/,
    ],
    [http({ retries: { attempts: 0, perTryTimeout: '1s' } }), /switches retries off/],
    [http({ retries: { attempts: -1 } }), /must not be negative/],
    [http({ fault: {} }), /needs a delay or an abort/],
    [http({ fault: { abort: { httpStatus: 999 } } }), /200 to 599, not 999/],
    [http({ fault: { abort: { httpStatus: 600 } } }), /200 to 599, not 600/],
    [http({ fault: { abort: { grpcStatus: 'BAD' } } }), /not a gRPC status/],
    [
      http({ fault: { delay: { fixedDelay: '1s', percentage: { value: 0.00001 } } } }),
      /0\.0001 to 100/,
    ],
    [http({ corsPolicy: { allowOrigins: [{ exact: '' }] } }), /origin must not be empty/],
    [http({ corsPolicy: { allowMethods: ['get'] } }), /"get" is not an HTTP method/],
    [http({ corsPolicy: { maxAge: '1.5s' } }), /whole number of seconds/],
  ]);
});

t.test('traffic policies', async (t) => {
  const policy = (trafficPolicy: object) =>
    problems('DestinationRule', { host: 'web', trafficPolicy });
  const hash = (consistentHash: object) => policy({ loadBalancer: { consistentHash } });
  check(t, [
    [policy({}), /^trafficPolicy: the traffic policy is empty/],
    [policy({ connectionPool: {} }), /neither "tcp" nor "http"/],
    [policy({ connectionPool: { http: { maxRetries: -1 } } }), /must not be negative/],
    [policy({ connectionPool: { tcp: { idleTimeout: '0s' } } }), null],
    [policy({ outlierDetection: { maxEjectionPercent: 101 } }), /0 to 100, not 101/],
    [policy({ outlierDetection: { consecutiveLocalOriginFailures: 1 } }), /does nothing by itself/],
    [hash({ httpHeaderName: 'x', maglev: { tableSize: 65537 } }), null],
    [hash({ httpHeaderName: 'x', maglev: {} }), /maglev needs a tableSize/],
    [hash({ httpHeaderName: 'x', maglev: { tableSize: 65536 } }), /prime/],
    [hash({ httpHeaderName: 'x', maglev: { tableSize: 5000081 } }), /below 5000011/],
    [hash({ httpHeaderName: 'x', ringHash: { minimumRingSize: 1_048_576 } }), null],
    [hash({ httpHeaderName: 'x', ringHash: { minimumRingSize: 1_048_577 } }), /1048576 entries/],
    [hash({ httpHeaderName: 'x', ringHash: { minimumRingSize: 8_388_609 } }), /most 8388608/],
    [hash({ httpCookie: { name: '' } }), /cookie needs a name/],
    [policy({ portLevelSettings: [{ port: { number: 80 } }] }), /policy of the port is empty/],
    [policy({ tls: { mode: 'MUTUAL', clientCertificate: 'a' } }), /MUTUAL needs "privateKey"/],
    [
      policy({
        loadBalancer: { localityLbSetting: { distribute: [{ from: 'a/*', to: { 'a/*': 80 } }] } },
      }),
      /add up to 100, not 80/,
    ],
    [
      policy({
        loadBalancer: { localityLbSetting: { failover: [{ from: 'a', to: 'a' }] } },
        outlierDetection: {},
      }),
      /another region/,
    ],
    [
      problems('DestinationRule', { host: 'web', subsets: [{ name: 'v1' }, { name: 'v1' }] }),
      /two subsets "v1"/,
    ],
    [problems('DestinationRule', { host: 'web', exportTo: ['*', 'a'] }), /must stand alone/],
  ]);
});

t.test('gateways', async (t) => {
  const port = { number: 80, name: 'http', protocol: 'HTTP' };
  const server = (changes: object) =>
    problems('Gateway', { servers: [{ port, hosts: ['*'], ...changes }] });
  const https = { port: { number: 443, name: 'https', protocol: 'HTTPS' } };
  check(t, [
    [server({ hosts: ['./*', 'ns/a.com', '*.b.com', '10.0.0.1'] }), null],
    [server({ hosts: [] }), /no hosts/],
    [server({ hosts: ['web'] }), /short name/],
    [server({ hosts: ['*b.com'] }), /part of a label/],
    [server({ hosts: ['~/a.com'] }), /"~" is not a namespace/],
    [server({ bind: 'localhost' }), /not an IP address/],
    [server({ port: { ...port, protocol: 'KAFKA' } }), /"KAFKA" is not a protocol/],
    [server({ tls: { httpsRedirect: true } }), null],
    [server({ tls: { mode: 'SIMPLE', credentialName: 'a' } }), /cannot have TLS settings/],
    [server(https), /must have TLS settings/],
    [server({ ...https, tls: { mode: 'SIMPLE', serverCertificate: 'a' } }), /needs a private key/],
    [problems('Gateway', {}), /has no servers/],
    [
      problems('Gateway', {
        servers: [
          { port, hosts: ['*'] },
          { port, hosts: ['*'] },
        ],
      }),
      /two ports named "http"/,
    ],
  ]);
});

t.test('service entries, workload entries and sidecars', async (t) => {
  const ports = [{ number: 80, name: 'http', protocol: 'HTTP' }];
  const entry = (changes: object) =>
    problems('ServiceEntry', { hosts: ['a.com'], ports, ...changes });
  const endpoints = [{ address: '1.2.3.4' }];
  check(t, [
    [entry({ resolution: 'STATIC', endpoints }), null],
    [entry({ resolution: 'NONE', endpoints }), /NONE cannot have endpoints/],
    [entry({ resolution: 'STATIC', endpoints: [{ address: 'a.com' }] }), /is not an IP address/],
    [entry({ resolution: 'DNS', hosts: ['*.a.com'] }), /needs full host names/],
    [entry({ resolution: 'DNS', addresses: ['10.0.0.0/8'] }), /NONE or STATIC/],
    [entry({ resolution: 'DYNAMIC_DNS' }), /wildcard hosts/],
    [entry({ hosts: ['*'] }), /must not be "\*"/],
    [entry({ workloadSelector: { labels: { a: '*' } }, resolution: 'STATIC' }), /wildcard: a=\*/],
    [
      entry({ resolution: 'STATIC', endpoints: [{ address: '1.2.3.4', ports: { x: 1 } }] }),
      /no port named "x"/,
    ],
    [entry({ ports: [{ number: 0, name: 'a' }] }), /1 to 65535, not 0/],
    [problems('WorkloadEntry', { address: 'unix://relative' }), /absolute path/],
    [problems('WorkloadEntry', { address: 'a.com:80' }), /neither a host name/],
    [problems('Sidecar', { egress: [{ hosts: ['./*', '~ns/a.com'] }] }), null],
    [problems('Sidecar', { egress: [{ hosts: ['*'] }] }), /must be namespace\/host/],
    [problems('Sidecar', {}), /sets nothing/],
    [
      problems('Sidecar', { ingress: [{ port: { number: 80 }, defaultEndpoint: '10.0.0.1:80' }] }),
      /endpoint of this workload/,
    ],
  ]);
});
