/** The same proxy with one route to two endpoints, and with more or less of its telemetry on. */

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { endpointPorts } from '../peers/policy.ts';
import { resource } from '../support/resource.ts';

/**
 * Under full load it is of this size (src/base/young-generation.ts). Here each proxy is loaded for a
 * part of the time, in which its size would depend on when it looks.
 */
const youngGeneration = '--min-semi-space-size=8';
const main = resolve(import.meta.dirname, '../../dist/main.js');

export type VariantName =
  | 'nothing'
  | 'nothing again'
  | 'metrics'
  | 'access log'
  | 'tracing'
  | 'all';

export interface Variant {
  readonly name: VariantName;
  readonly hasMetrics: boolean;
  /** To a file, Istio's default line. */
  readonly hasAccessLog: boolean;
  /** 1 % of the requests, over OTLP/HTTP. */
  readonly hasTracing: boolean;
  /** CPU for each request, as a multiple of nothing, that it may cost. */
  readonly bar: number;
}

const nothing = { hasMetrics: false, hasAccessLog: false, hasTracing: false, bar: 1 };

/** The first one is what the others are compared with; the second shows how exact that is. */
export const variants: readonly Variant[] = [
  { ...nothing, name: 'nothing' },
  { ...nothing, name: 'nothing again' },
  { ...nothing, name: 'metrics', hasMetrics: true, bar: 1.03 },
  { ...nothing, name: 'access log', hasAccessLog: true, bar: 1.08 },
  { ...nothing, name: 'tracing', hasTracing: true, bar: 1.02 },
  { name: 'all', hasMetrics: true, hasAccessLog: true, hasTracing: true, bar: 1.12 },
];

export const sinkPort = 18_318;
const firstProxyPort = 18_080;
const firstAdminPort = 18_090;

export interface PreparedVariant {
  readonly variant: Variant;
  readonly command: readonly string[];
  readonly proxyPort: number;
  readonly adminPort: number;
  /** Where its access log is, if it has one. */
  readonly logFile: string;
}

/** Writes its configuration into `folder`. */
export function prepareVariant(variant: Variant, folder: string): PreparedVariant {
  const index = variants.indexOf(variant);
  const proxyPort = firstProxyPort + index;
  const adminPort = firstAdminPort + index;
  const rules = join(folder, `variant-${index}`);
  const logFile = join(folder, `access-${index}.log`);
  mkdirSync(rules, { recursive: true });
  const documents = [
    bootstrap({ variant, proxyPort, adminPort, logFile }),
    telemetry(variant),
    ...route(),
  ];
  writeFileSync(join(rules, 'rules.yaml'), documents.map((each) => stringify(each)).join('---\n'));
  const run = ['run', '-f', rules, '--outbound', 'off'];
  const command = [process.execPath, youngGeneration, main, ...run];
  return { variant, command, proxyPort, adminPort, logFile };
}

/** Throws when it did not tell what it should, or told what it should not. */
export async function verifyTelling(prepared: PreparedVariant): Promise<void> {
  const { variant, adminPort, logFile } = prepared;
  const stats = await fetch(`http://127.0.0.1:${adminPort}/stats/prometheus`);
  const text = await stats.text();
  const isCounted = /^istio_requests_total\{/m.test(text);
  const isLogged = variant.hasAccessLog && statSync(logFile).size > 0;
  if (isCounted !== variant.hasMetrics) throw new Error(`${variant.name}: metrics are wrong`);
  if (isLogged !== variant.hasAccessLog) throw new Error(`${variant.name}: no line was written`);
  if (!/^sluice_access_log_lines_dropped_total 0$/m.test(text)) {
    throw new Error(`${variant.name}: the disk was too slow for the access log`);
  }
}

function bootstrap(options: Omit<PreparedVariant, 'command'>): unknown {
  const { variant, proxyPort, adminPort, logFile } = options;
  const tracing = { endpoint: `http://127.0.0.1:${sinkPort}`, sampling: 1 };
  return resource('sluice.dev/v1', 'Bootstrap', 'bench', {
    listeners: { admin: `127.0.0.1:${adminPort}`, ports: { 80: proxyPort } },
    accessLog: { path: variant.hasAccessLog ? logFile : 'off' },
    ...(variant.hasTracing ? { tracing } : {}),
  });
}

function telemetry({ hasMetrics }: Variant): unknown {
  const overrides = [{ match: { metric: 'ALL_METRICS' }, disabled: !hasMetrics }];
  const metrics = [{ providers: [{ name: 'prometheus' }], overrides }];
  return resource('telemetry.istio.io/v1', 'Telemetry', 'bench', { metrics });
}

function route(): unknown[] {
  const networking = 'networking.istio.io/v1';
  const entry = resource(networking, 'ServiceEntry', 'shop', {
    hosts: ['shop.test'],
    resolution: 'STATIC',
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    endpoints: endpointPorts.v1.map((port) => ({ address: '127.0.0.1', ports: { http: port } })),
  });
  const gateway = resource(networking, 'Gateway', 'shop', {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  });
  const rule = resource(networking, 'VirtualService', 'shop', {
    hosts: ['*'],
    gateways: ['shop'],
    http: [{ route: [{ destination: { host: 'shop.test', port: { number: 80 } } }] }],
  });
  return [entry, gateway, rule];
}
