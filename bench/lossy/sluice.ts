/** sluice with the policy as its users write it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { resource } from '../support/resource.ts';
import {
  adminPort,
  authority,
  endpointPorts,
  outlierDetection,
  proxyPort,
  retries,
  timeoutMs,
} from './policy.ts';
import type { LossyProxy } from './proxy.ts';

/** `main` is the entry point: the built package is what people run. */
export function sluiceProxy(main: string): LossyProxy {
  return {
    name: 'sluice',
    prepare(folder) {
      const rules = join(folder, 'rules');
      mkdirSync(rules, { recursive: true });
      const documents = [bootstrap(), gateway(), ...orders(), virtualService(), destinationRule()];
      const text = documents.map((each) => stringify(each)).join('---\n');
      writeFileSync(join(rules, 'rules.yaml'), text);
      return [process.execPath, main, 'run', '-f', rules, '--outbound', 'off'];
    },
  };
}

function bootstrap(): unknown {
  return resource('sluice.dev/v1', 'Bootstrap', 'lossy', {
    workloads: { orders: endpointPorts.map((port) => `127.0.0.1:${port}`) },
    listeners: { admin: `127.0.0.1:${adminPort}`, ports: { 80: proxyPort } },
    accessLog: { path: 'off' },
  });
}

function gateway(): unknown {
  return resource('networking.istio.io/v1', 'Gateway', 'orders', {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  });
}

function orders(): unknown[] {
  const labels = { app: 'orders' };
  const container = { name: 'orders', ports: [{ containerPort: 8080 }] };
  return [
    resource('v1', 'Service', 'orders', {
      selector: labels,
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    }),
    resource('apps/v1', 'Deployment', 'orders', {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    }),
  ];
}

function virtualService(): unknown {
  return resource('networking.istio.io/v1', 'VirtualService', 'orders', {
    hosts: [authority],
    gateways: ['orders'],
    http: [
      {
        route: [{ destination: { host: 'orders' } }],
        timeout: `${timeoutMs}ms`,
        retries: {
          attempts: retries.attempts,
          perTryTimeout: `${retries.perTryTimeoutMs}ms`,
          retryOn: retries.retryOn,
        },
      },
    ],
  });
}

function destinationRule(): unknown {
  return resource('networking.istio.io/v1', 'DestinationRule', 'orders', {
    host: 'orders',
    trafficPolicy: {
      outlierDetection: {
        consecutive5xxErrors: outlierDetection.consecutiveErrors,
        interval: `${outlierDetection.intervalMs}ms`,
        baseEjectionTime: `${outlierDetection.baseEjectionMs}ms`,
        maxEjectionPercent: outlierDetection.maxEjectionPercent,
      },
    },
  });
}
