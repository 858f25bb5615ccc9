/** MeshConfig.extensionProviders and the short form of tracing in a Bootstrap. */

import { isIP } from 'node:net';
import { isFieldName, isFieldValue } from '../../http1/field-syntax.ts';
import { framingFields } from '../../http1/framing-fields.ts';
import type { Path, Problems } from '../problem.ts';
import type { BootstrapTracing } from '../schema/bootstrap.ts';
import type { ExtensionProvider } from '../schema/extension-providers.ts';
import { checkPort } from './addresses.ts';
import { checkFormat, checkFormats } from './format.ts';
import { checkDuration, checkPercent } from './values.ts';

export function checkExtensionProviders(
  providers: readonly ExtensionProvider[],
  path: Path,
  problems: Problems,
): void {
  const names = new Set<string>();
  for (const [index, provider] of providers.entries()) {
    const place = [...path, index];
    const { name } = provider;
    if (name === '') problems.invalid([...place, 'name'], 'the name must not be empty');
    if (names.has(name)) {
      problems.invalid([...place, 'name'], `there are two providers "${name}"`);
    }
    names.add(name);
    if (Object.keys(provider).length === 1) {
      const hint = 'for example opentelemetry, zipkin, envoyFileAccessLog or envoyOtelAls';
      problems.invalid(place, `the provider "${name}" is of no kind`, hint);
    }
    checkProvider(provider, place, problems);
  }
}

function checkProvider(provider: ExtensionProvider, path: Path, problems: Problems): void {
  const { opentelemetry, zipkin, envoyOtelAls } = provider;
  const collectors = { opentelemetry, zipkin, envoyOtelAls };
  for (const [kind, collector] of Object.entries(collectors)) {
    if (collector === undefined) continue;
    checkPort(collector.port, [...path, kind, 'port'], problems);
    checkService(collector.service, [...path, kind, 'service'], problems);
  }
  const { http, grpc } = opentelemetry ?? {};
  const place = [...path, 'opentelemetry'];
  checkDuration(http?.timeout, [...place, 'http', 'timeout'], problems);
  checkDuration(grpc?.timeout, [...place, 'grpc', 'timeout'], problems);
  checkDuration(zipkin?.timeout, [...path, 'zipkin', 'timeout'], problems);
  checkHeaders(http?.headers, [...place, 'http', 'headers'], problems);
  checkMetadata(grpc?.initialMetadata, [...place, 'grpc', 'initialMetadata'], problems);
  checkHeaders(zipkin?.headers, [...path, 'zipkin', 'headers'], problems);
  checkLogFormats(provider, path, problems);
}

function checkLogFormats(provider: ExtensionProvider, path: Path, problems: Problems): void {
  const { envoyFileAccessLog, envoyOtelAls } = provider;
  for (const [kind, log] of Object.entries({ envoyFileAccessLog, envoyOtelAls })) {
    const { text, labels } = log?.logFormat ?? {};
    checkFormat(text, [...path, kind, 'logFormat', 'text'], problems);
    checkFormats(labels, [...path, kind, 'logFormat', 'labels'], problems);
  }
}

type CollectorHeaders = NonNullable<ExtensionProvider['zipkin']>['headers'];

/** Values may be secrets: they are not shown. */
function checkHeaders(headers: CollectorHeaders, path: Path, problems: Problems): void {
  for (const [index, { name, value = '', envName }] of (headers ?? []).entries()) {
    const place = [...path, index];
    if (!isFieldName(name)) {
      problems.invalid([...place, 'name'], `"${name}" is not a header name`);
    } else if (framingFields.has(name.toLowerCase())) {
      problems.invalid([...place, 'name'], `the header "${name}" is written by the proxy itself`);
    }
    const known = envName === undefined ? value : (process.env[envName] ?? '');
    if (isFieldValue(known)) continue;
    const source = envName === undefined ? '' : ` in the environment variable ${envName}`;
    const field = envName === undefined ? 'value' : 'envName';
    const message = `the value of header "${name}"${source} has characters that no header can have`;
    problems.invalid([...place, field], message);
  }
}

/** gRPC lets fewer characters pass, and has bytes in Base64 in what ends in -bin. */
function checkMetadata(metadata: CollectorHeaders, path: Path, problems: Problems): void {
  checkHeaders(metadata, path, problems);
  for (const [index, { name }] of (metadata ?? []).entries()) {
    if (!isFieldName(name)) continue;
    const place = [...path, index, 'name'];
    const lower = name.toLowerCase();
    if (!/^[0-9a-z_.-]+$/.test(lower)) {
      problems.invalid(place, `"${name}" is not a name of gRPC metadata`, 'letters, digits, _ . -');
    } else if (lower.endsWith('-bin')) {
      problems.invalid(place, `"${name}" would be bytes for gRPC, and a text is given`);
    }
  }
}

const namespacedHost = /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/)?([^/]+)$/i;
const hostName = /^[a-z0-9_](?:[-a-z0-9_.]{0,251}[a-z0-9])?\.?$/i;

function checkService(service: string, path: Path, problems: Problems): void {
  const host = namespacedHost.exec(service)?.[1] ?? '';
  if (hostName.test(host) || isIP(host) !== 0) return;
  const message = `"${service}" is not the host of a service`;
  problems.invalid(path, message, 'host, or namespace/host; the port has a field of its own');
}

export function checkBootstrapTracing(
  tracing: BootstrapTracing | undefined,
  path: Path,
  problems: Problems,
): void {
  if (tracing === undefined) return;
  checkPercent(tracing.sampling, [...path, 'sampling'], problems);
  const { endpoint } = tracing;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '') return;
  const message = `"${endpoint}" is not the URL of a collector`;
  problems.invalid([...path, 'endpoint'], message, 'for example http://127.0.0.1:4318');
}
