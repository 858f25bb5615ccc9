/** Writes a scenario's configuration for one run and says with which flags to start the proxy. */

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { runCommand } from '../../support/sluice-process.ts';
import { type TempFolder, tempFolder } from '../../support/temp-folder.ts';
import { fillPlaceholders, type PlaceholderValues } from './placeholders.ts';
import type { Scenario } from './scenario.ts';

/** What differs from run to run. */
export interface Ports extends PlaceholderValues {
  /** Free, for a listener that no request is sent to. */
  readonly spare: number;
}

export interface ProxyConfig {
  readonly folder: TempFolder;
  readonly accessLog: string;
  readonly args: readonly string[];
  /** The documents applied, parsed. */
  readonly documents: readonly Manifest[];
  /** What our own validation said of documents that Istio refused; null: Istio refused none. */
  readonly refusal: { readonly refused: boolean; readonly detail: string } | null;
}

export interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const logFormat = [
  '%REQ(X-CASE-ID)%',
  '%RESPONSE_FLAGS%',
  '%RESPONSE_CODE_DETAILS%',
  '%ROUTE_NAME%',
  '%UPSTREAM_CLUSTER_RAW%',
  '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%',
].join('\t');

const gatewayApi = 'gateway.networking.k8s.io/';

const gatewayLabels = { istio: 'ingressgateway', app: 'istio-ingressgateway' };

export async function writeProxyConfig(scenario: Scenario, ports: Ports): Promise<ProxyConfig> {
  const folder = tempFolder();
  const values = { ...ports, pemFile: pemFilesIn(folder) };
  const filled = fillPlaceholders(withSecrets(scenario), values);
  const texts = filled.split(/^---[ \t]*$/m).filter((text) => parse(text) !== null);
  const { kept, refusal } = await withoutRefused(scenario, texts);
  kept.forEach((text, index) => {
    folder.write(`config/${String(index).padStart(3, '0')}.yaml`, text);
  });
  if (scenario.mesh !== undefined || scenario.networks !== undefined) {
    folder.write('config/bootstrap.yaml', bootstrap(scenario, values));
  }
  const accessLog = join(folder.path, 'access.log');
  const documents = kept.map((text) => parse(text) as Manifest);
  const paths = { config: join(folder.path, 'config'), accessLog };
  const args = [...proxyArgs(scenario, ports, paths), ...identityArgs(scenario, documents)];
  return { folder, accessLog, args, documents, refusal };
}

function pemFilesIn(folder: TempFolder): (name: string, pem: string) => string {
  return (name, pem) => {
    const path = folder.write(`pem/${name}.pem`, pem);
    chmodSync(path, 0o600);
    return path;
  };
}

/** The first set names credentials and leaves it to the runner to provide some certificate. */
function withSecrets({ config, requests }: Scenario): string {
  if (!requests.some(({ tls }) => tls === true)) return config;
  const names = [...config.matchAll(/credentialName: ([\w-]+)/g)].map(([, name]) => name);
  const secrets = [...new Set(names)].map((name) =>
    stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'istio-system' },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': '${pem64:server-wild.cert}', 'tls.key': '${pem64:server-wild.key}' },
    }),
  );
  return [config, ...secrets].join('\n---\n');
}

function proxyArgs(
  scenario: Scenario,
  ports: Ports,
  paths: { readonly config: string; readonly accessLog: string },
): string[] {
  const gateway = scenario.role === 'gateway';
  const args = ['-f', paths.config, '--no-watch', '--drain-time', '1s'];
  // Of the scenario's own log nothing may be taken away.
  if (scenario.access_log !== true) {
    args.push('--access-log', paths.accessLog, '--access-log-format', logFormat);
  }
  for (const [logical, real] of ports.listeners) {
    if (gateway) args.push('--port', `${logical}=${real}`);
    else if (scenario.role === 'inbound') args.push('--inbound', `127.0.0.1:${real}=${real}`);
    else args.push('--outbound', `127.0.0.1:${real}=${logical}`);
  }
  // The default mesh listener has one fixed port, and scenarios run side by side.
  if (scenario.role !== 'sidecar') args.push('--outbound', `127.0.0.1:${ports.spare}`);
  return args;
}

interface Identity {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

function identityArgs(scenario: Scenario, documents: readonly Manifest[]): string[] {
  const { namespace, labels } = identityOf(scenario, documents);
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { locality } = scenario.proxy ?? {};
  return [
    ...['--namespace', namespace, '--labels', pairs.join(',')],
    ...(locality === undefined ? [] : ['--locality', locality]),
  ];
}

/** Gateways of the Gateway API have a proxy of their own, in their namespace. */
function identityOf({ role, proxy }: Scenario, documents: readonly Manifest[]): Identity {
  const own = documents.find(
    ({ kind, apiVersion }) => kind === 'Gateway' && apiVersion?.startsWith(gatewayApi) === true,
  );
  let found: Identity = { namespace: 'default', labels: { app: 'client' } };
  if (role === 'gateway') found = { namespace: 'istio-system', labels: gatewayLabels };
  if (role === 'gateway' && own !== undefined) {
    const { name = '', namespace = 'default' } = own.metadata ?? {};
    found = { namespace, labels: { 'gateway.networking.k8s.io/gateway-name': name } };
  }
  return { ...found, ...proxy };
}

function bootstrap(scenario: Scenario, values: PlaceholderValues): string {
  const read = (text: string | undefined): unknown =>
    text === undefined ? null : parse(fillPlaceholders(text, values));
  const spec = { meshConfig: read(scenario.mesh), meshNetworks: read(scenario.networks) };
  return stringify({ apiVersion: 'sluice.dev/v1', kind: 'Bootstrap', spec });
}

/**
 * Leaves out the documents that Istio's webhook refused. The recording names their kind only:
 * where there are more of that kind than refusals, ours are asked which they refuse.
 */
async function withoutRefused(
  scenario: Scenario,
  texts: readonly string[],
): Promise<{ kept: readonly string[]; refusal: ProxyConfig['refusal'] }> {
  const kinds = (scenario.validation ?? [])
    .filter((line) => line.startsWith('REJECTED '))
    .map((line) => line.slice('REJECTED '.length).split(/[: ]/)[0] ?? '');
  if (kinds.length === 0) return { kept: texts, refusal: null };
  const own = await Promise.all(texts.map((text) => refusedByAnalyze(text)));
  const isKind = (text: string): boolean => kinds.includes((parse(text) as Manifest).kind ?? '');
  const ambiguous = texts.filter(isKind).length > kinds.length;
  const kept = texts.filter((text, index) =>
    ambiguous ? !(isKind(text) && own[index]?.refused === true) : !isKind(text),
  );
  const refused = texts.some((text, index) => isKind(text) && own[index]?.refused === true);
  const detail = own
    .map((result) => result.detail)
    .join(' ')
    .trim();
  return { kept, refusal: { refused, detail } };
}

async function refusedByAnalyze(text: string): Promise<{ refused: boolean; detail: string }> {
  const result = await runCommand(['analyze', '-f', '-', '--output', 'json'], { stdin: text });
  const errors = result.stdout.match(/"severity":\s*"error"/g)?.length ?? 0;
  return { refused: result.code === 1 && errors > 0, detail: result.stderr.trim() };
}

/** Names of headers that the rules of a scenario set, add or remove; lower case. */
export function headersNamedInRules(documents: readonly Manifest[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: unknown, inHeaders: boolean): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, inHeaders);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (inHeaders && (key === 'set' || key === 'add')) {
          for (const name of Object.keys((inner ?? {}) as object)) names.add(name.toLowerCase());
        } else if (inHeaders && key === 'remove' && Array.isArray(inner)) {
          for (const name of inner) names.add(String(name).toLowerCase());
        } else {
          visit(inner, key === 'headers' || (inHeaders && /^(request|response)$/.test(key)));
        }
      }
    }
  };
  for (const document of documents) visit(document.spec, false);
  return names;
}

/** Parses a config text with several documents; for tests that make their own configuration. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((document): document is Manifest => document !== null);
}
