/** sluice itself. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { tlsSecret } from '../support/certificate.ts';
import { resource } from '../support/resource.ts';
import type { Peer, Setup } from './peer.ts';
import {
  authority,
  canaryHeader,
  canaryWeight,
  endpointPorts,
  richPolicy,
  type Version,
} from './policy.ts';

/** The built package: what people run. `npm run bench:peers` builds it first. */
const builtMain = resolve(import.meta.dirname, '../../dist/main.js');

export const sluicePeer: Peer = sluiceAt('sluice', builtMain);

/** A build of sluice, by its entry point. */
export function sluiceAt(name: string, main: string): Peer {
  return {
    name,
    note: 'the same policy',
    can: ['tls', 'h2', 'rich', 'routes'],
    version: [process.execPath, main, '--version'],
    prepare(setup) {
      const rules = join(setup.folder, 'rules');
      mkdirSync(rules, { recursive: true });
      const documents = [
        bootstrap(setup),
        ...gateway(setup),
        destinationRule(setup),
        ...workloads(),
        ...virtualServices(setup),
      ];
      const text = documents.map((each) => stringify(each)).join('---\n');
      writeFileSync(join(rules, 'rules.yaml'), text);
      return [process.execPath, main, 'run', '-f', rules, '--outbound', 'off'];
    },
  };
}

function bootstrap({ port, adminPort, protocol }: Setup): unknown {
  const listenAt = (version: Version) => endpointPorts[version].map((each) => `127.0.0.1:${each}`);
  return resource('sluice.dev/v1', 'Bootstrap', 'bench', {
    workloads: { 'shop-v1': listenAt('v1'), 'shop-v2': listenAt('v2') },
    listeners: {
      admin: `127.0.0.1:${adminPort}`,
      ports: { [protocol === 'tls' ? 443 : 80]: port },
    },
    accessLog: { path: 'off' },
  });
}

function gateway({ protocol, certificate }: Setup): unknown[] {
  const isTls = protocol === 'tls';
  const port = isTls
    ? { number: 443, name: 'https', protocol: 'HTTPS' }
    : { number: 80, name: 'http', protocol: 'HTTP' };
  const tls = isTls ? { tls: { mode: 'SIMPLE', credentialName: 'shop-cert' } } : {};
  const spec = { selector: { istio: 'ingressgateway' }, servers: [{ port, hosts: ['*'], ...tls }] };
  const gateways = [resource('networking.istio.io/v1', 'Gateway', 'shop', spec)];
  return isTls ? [...gateways, tlsSecret('shop-cert', certificate)] : gateways;
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

function destinationRule({ isRich }: Setup): unknown {
  return resource('networking.istio.io/v1', 'DestinationRule', 'shop', {
    host: 'shop',
    trafficPolicy: {
      ...(isRich ? { connectionPool: connectionPool() } : {}),
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

function virtualServices({ isRich, routes }: Setup): unknown[] {
  if (routes === null) {
    const http = policyRoutes().map((route) => ({
      ...route,
      ...(isRich ? richRouteFields() : {}),
    }));
    return [virtualService('shop', [authority], http)];
  }
  const specific = routes.sections.map((prefix) => ({
    match: [{ uri: { prefix } }],
    route: to('v1'),
  }));
  const http = [...specific, { route: weights() }];
  return routes.hosts.map((host, index) => virtualService(`shop-${index}`, [host], http));
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

function to(subset: Version): unknown[] {
  return [{ destination: { host: 'shop', subset } }];
}

function weights(): unknown[] {
  return [
    { destination: { host: 'shop', subset: 'v1' }, weight: 100 - canaryWeight },
    { destination: { host: 'shop', subset: 'v2' }, weight: canaryWeight },
  ];
}
