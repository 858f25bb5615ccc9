/**
 * The rules of each generation. Generations differ in where paths go, by which weights, and in
 * which endpoints and routes there are; a response names the generation that it was routed by, so
 * what is right for it is known.
 */

import { stringify } from 'yaml';

export const authority = 'soak.test';

/** Each has two versions; the paths below `/a/` and `/b/` change places with each generation. */
export const workloads = ['red', 'blue'] as const;
export const versions = ['v1', 'v2'] as const;
export const endpointsEach = 4;

/** Where nothing ever fails: WebSockets, and requests that must not be tried again. */
export const steady = 'steady';

export type Side = 'a' | 'b';
export type Workload = (typeof workloads)[number];

/** Ports by `red-v1` and so on. */
export type Ports = ReadonlyMap<string, readonly number[]>;

export function workloadOf(side: Side, generation: number): Workload {
  const isEven = generation % 2 === 0;
  return (side === 'a') === isEven ? 'red' : 'blue';
}

/** Of 100, how many go to `v1`. */
export function firstVersionShare(generation: number): number {
  return generation % 2 === 0 ? 80 : 20;
}

/** All documents as YAML. */
export function rules(generation: number, ports: Ports): string {
  const documents = [
    gateway(),
    ...workloads.flatMap((name) => workload(name, generation, ports)),
    serviceEntry(steady, [{ ports: ports.get(steady) ?? [], labels: {} }]),
    ...passing(generation, ports),
    virtualService(generation),
  ];
  return documents.map((document) => stringify(document)).join('---\n');
}

function resource(kind: string, name: string, spec: unknown, annotations = {}): unknown {
  const apiVersion = 'networking.istio.io/v1';
  return { apiVersion, kind, metadata: { name, annotations }, spec };
}

function gateway(): unknown {
  return resource('Gateway', 'soak', {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  });
}

interface Group {
  readonly ports: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
}

function serviceEntry(name: string, groups: readonly Group[]): unknown {
  return resource('ServiceEntry', name, {
    hosts: [`${name}.test`],
    resolution: 'STATIC',
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    endpoints: groups.flatMap(({ ports, labels }) =>
      ports.map((http) => ({ address: '127.0.0.1', ports: { http }, labels })),
    ),
  });
}

/** In every third generation each version has an endpoint less. */
function workload(name: Workload, generation: number, ports: Ports): unknown[] {
  const count = generation % 3 === 2 ? endpointsEach - 1 : endpointsEach;
  const groups = versions.map((version) => ({
    ports: (ports.get(`${name}-${version}`) ?? []).slice(0, count),
    labels: { version },
  }));
  const check = '{httpHealthCheck: {path: /health}, interval: 1s, timeout: 500ms}';
  const annotations = name === 'blue' ? { 'sluice.dev/health-check': check } : {};
  const policy = {
    host: `${name}.test`,
    trafficPolicy: { outlierDetection },
    subsets: versions.map((version) => ({ name: version, labels: { version } })),
  };
  return [serviceEntry(name, groups), resource('DestinationRule', name, policy, annotations)];
}

const outlierDetection = {
  consecutive5xxErrors: 5,
  interval: '1s',
  baseEjectionTime: '1s',
  maxEjectionPercent: 50,
};

/** A cluster of its own for each generation: it comes, and goes with the next. */
function passing(generation: number, ports: Ports): unknown[] {
  const name = `passing-${generation}`;
  return [serviceEntry(name, [{ ports: ports.get(steady) ?? [], labels: {} }])];
}

function virtualService(generation: number): unknown {
  const headers = { response: { set: { 'x-generation': String(generation) } } };
  const route = (prefix: string, rest: object): object => ({
    match: [{ uri: { prefix } }],
    headers,
    ...rest,
  });
  const timeout = '10s';
  const to = (host: string): object => ({ destination: { host: `${host}.test` } });
  const sides = (['a', 'b'] as const).map((side) =>
    route(`/${side}/`, {
      timeout,
      retries: {
        attempts: 4,
        // Far beyond a stall of the clients' process, which answers too.
        perTryTimeout: '2s',
        retryOn: '5xx,reset,connect-failure,refused-stream',
      },
      route: weighted(workloadOf(side, generation), firstVersionShare(generation)),
    }),
  );
  return resource('VirtualService', 'soak', {
    hosts: ['*'],
    gateways: ['soak'],
    http: [
      route('/ws/', { route: [to(steady)] }),
      route('/failing/', { timeout, route: [to(steady)], retries: { attempts: 0 } }),
      route('/passing/', { timeout, route: [to(`passing-${generation}`)] }),
      ...sides,
    ],
  });
}

function weighted(name: Workload, first: number): unknown[] {
  return versions.map((subset, index) => ({
    destination: { host: `${name}.test`, subset },
    weight: index === 0 ? first : 100 - first,
  }));
}
