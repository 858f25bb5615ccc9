/** sluice itself: with the policy of the benchmark, with one route, and with ten thousand. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Peer } from './peer.ts';
import {
  adminPort,
  authority,
  canaryHeader,
  canaryWeight,
  endpointPorts,
  measuredPath,
  type PolicyKind,
  proxyPort,
  richPolicy,
  type Version,
} from './policy.ts';

/** The built package: what people run. `npm run bench:peers` builds it first. */
const main = resolve(import.meta.dirname, '../../dist/main.js');
const hostCount = 1_000;
const routesPerHost = 10;

/** The same traffic for one route and for ten thousand, so that the routes are all that differs. */
const manyRequests = Array.from(
  { length: hostCount },
  (_, index) => `${manyHost(index)} ${measuredPath}`,
);

export const sluicePeer: Peer = {
  name: 'sluice',
  note: 'the same policy',
  prepare: (folder) =>
    sluiceCommand(folder, 'plain', [virtualService('shop', [authority], policyRoutes())]),
};

export const richSluicePeer: Peer = {
  name: 'sluice-rich',
  note: 'also retries with a timeout for each try, a mirror at 0 %, connectionPool limits',
  prepare: (folder) => {
    const routes = policyRoutes().map((route) => ({ ...route, ...richRouteFields() }));
    return sluiceCommand(folder, 'rich', [virtualService('shop', [authority], routes)]);
  },
};

export const oneRoutePeer: Peer = {
  name: 'sluice-1-route',
  note: 'one route for any host, with the requests of the next row',
  wholePolicy: false,
  prepare: (folder) =>
    sluiceCommand(folder, 'one-route', [virtualService('shop', ['*'], [{ route: weights() }])]),
  requests: manyRequests,
};

export const manyRoutesPeer: Peer = {
  name: 'sluice-10k-routes',
  note: `${hostCount} hosts with ${routesPerHost} routes each, the last one hit`,
  wholePolicy: false,
  prepare: (folder) => sluiceCommand(folder, 'many-routes', manyVirtualServices()),
  requests: manyRequests,
};

function sluiceCommand(
  folder: string,
  name: PolicyKind | 'one-route' | 'many-routes',
  virtualServices: readonly unknown[],
): readonly string[] {
  const rules = join(folder, name);
  mkdirSync(rules, { recursive: true });
  const pool = name === 'rich' ? { connectionPool: connectionPool() } : {};
  const documents = [
    bootstrap(),
    gateway(),
    destinationRule(pool),
    ...workloads(),
    ...virtualServices,
  ];
  writeFileSync(join(rules, 'rules.yaml'), documents.map((each) => stringify(each)).join('---\n'));
  return [process.execPath, main, 'run', '-f', rules, '--outbound', 'off'];
}

function resource(apiVersion: string, kind: string, name: string, spec: unknown): unknown {
  return { apiVersion, kind, metadata: { name }, spec };
}

function bootstrap(): unknown {
  const listenAt = (version: Version) => endpointPorts[version].map((port) => `127.0.0.1:${port}`);
  return resource('sluice.dev/v1', 'Bootstrap', 'bench', {
    workloads: { 'shop-v1': listenAt('v1'), 'shop-v2': listenAt('v2') },
    listeners: { admin: `127.0.0.1:${adminPort}`, ports: { 80: proxyPort } },
    accessLog: { path: 'off' },
  });
}

function gateway(): unknown {
  return resource('networking.istio.io/v1', 'Gateway', 'shop', {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  });
}

function workloads(): unknown[] {
  const deployment = (version: Version) => {
    const labels = { app: 'shop', version };
    return resource('apps/v1', 'Deployment', `shop-${version}`, {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'shop', ports: [{ containerPort: 8080 }] }] },
      },
    });
  };
  const service = resource('v1', 'Service', 'shop', {
    selector: { app: 'shop' },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
  });
  return [service, deployment('v1'), deployment('v2')];
}

function destinationRule(limits: object): unknown {
  return resource('networking.istio.io/v1', 'DestinationRule', 'shop', {
    host: 'shop',
    trafficPolicy: {
      ...limits,
      loadBalancer: { simple: 'LEAST_REQUEST' },
      outlierDetection: {
        consecutive5xxErrors: 5,
        interval: '10s',
        baseEjectionTime: '30s',
        maxEjectionPercent: 50,
      },
    },
    subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
  });
}

function virtualService(name: string, hosts: readonly string[], http: readonly unknown[]): unknown {
  const spec = { hosts, gateways: ['shop'], http };
  return resource('networking.istio.io/v1', 'VirtualService', name, spec);
}

function connectionPool(): unknown {
  const { limits } = richPolicy;
  return {
    tcp: { maxConnections: limits.connections },
    http: {
      http1MaxPendingRequests: limits.pendingRequests,
      http2MaxRequests: limits.requests,
      maxRetries: limits.retries,
    },
  };
}

function richRouteFields(): object {
  const { timeoutSeconds, retries } = richPolicy;
  return {
    timeout: `${timeoutSeconds}s`,
    retries: {
      attempts: retries.attempts,
      perTryTimeout: `${retries.perTryTimeoutSeconds}s`,
      retryOn: retries.retryOn,
    },
    mirror: { host: 'shop', subset: 'v2' },
    mirrorPercentage: { value: 0 },
  };
}

function policyRoutes(): object[] {
  return [
    { match: [{ uri: { exact: '/healthz' } }], route: to('v1') },
    { match: [{ uri: { prefix: '/admin/' } }], route: to('v2') },
    { match: [{ uri: { regex: '/legacy/[0-9]+' } }], route: to('v1') },
    { match: [{ headers: { [canaryHeader]: { exact: 'true' } } }], route: to('v2') },
    { route: weights() },
  ];
}

function manyVirtualServices(): unknown[] {
  return Array.from({ length: hostCount }, (_, index) => {
    const specific = Array.from({ length: routesPerHost - 1 }, (_, route) => ({
      match: [{ uri: { prefix: `/section-${route}/` } }],
      route: to('v1'),
    }));
    return virtualService(`shop-${index}`, [manyHost(index)], [...specific, { route: weights() }]);
  });
}

function manyHost(index: number): string {
  return `shop-${index}.example.com`;
}

function to(subset: Version): unknown[] {
  return [{ destination: { host: 'shop', subset } }];
}

function weights(): unknown[] {
  return [
    { destination: { host: 'shop', subset: 'v1' }, weight: 100 - canaryWeight },
    { destination: { host: 'shop', subset: 'v2' }, weight: canaryWeight },
  ];
}
