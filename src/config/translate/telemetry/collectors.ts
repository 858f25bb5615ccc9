/** Where a provider of telemetry listens: an endpoint of a service in the registry, or a DNS name. */

import { isIP } from 'node:net';
import { parseDuration } from '../../../base/duration.ts';
import type { Collector } from '../../../model/collector.ts';
import type { RegistryService } from '../../registry/service.ts';
import type { ClientTlsSettings } from '../../schema/destination-rule.ts';
import type {
  EnvoyOtelAls,
  OpenTelemetryProvider,
  ZipkinProvider,
} from '../../schema/extension-providers.ts';
import type { DestinationRules } from '../rules/destination-rules.ts';
import { portSettings } from '../rules/traffic-policy.ts';
import {
  type FindingPlace,
  type TranslationFindings,
  translationCode,
} from '../translation-findings.ts';

export interface CollectorContext {
  /** Of all namespaces. */
  readonly services: readonly RegistryService[];
  readonly destinationRules: DestinationRules;
  readonly domainSuffix: string;
  readonly findings: TranslationFindings;
}

interface ServicePort {
  /** `host` or `namespace/host`. */
  readonly service: string;
  readonly port: number;
}

const defaultTimeoutMs = 10_000;
const zipkinTimeoutMs = 5_000;
const otlpTracesPath = '/v1/traces';
const zipkinSpansPath = '/api/v2/spans';

export function openTelemetryCollector(
  provider: OpenTelemetryProvider,
  context: CollectorContext,
  place: FindingPlace,
): Collector | null {
  const origin = originOf(provider, context, place);
  if (origin === null) return null;
  const { http, grpc } = provider;
  if (http === undefined) {
    return {
      protocol: 'otlp-grpc',
      url: origin,
      headers: headersOf(grpc?.initialMetadata),
      timeoutMs: parseDuration(grpc?.timeout ?? '') ?? defaultTimeoutMs,
    };
  }
  return {
    protocol: 'otlp-http',
    url: origin + absolutePath(http.path, otlpTracesPath),
    headers: headersOf(http.headers),
    timeoutMs: parseDuration(http.timeout ?? '') ?? defaultTimeoutMs,
  };
}

export function zipkinCollector(
  provider: ZipkinProvider,
  context: CollectorContext,
  place: FindingPlace,
): Collector | null {
  const origin = originOf(provider, context, place);
  if (origin === null) return null;
  return {
    protocol: 'zipkin',
    url: origin + absolutePath(provider.path, zipkinSpansPath),
    headers: headersOf(provider.headers),
    timeoutMs: parseDuration(provider.timeout ?? '') ?? zipkinTimeoutMs,
  };
}

export function otlpLogCollector(
  provider: EnvoyOtelAls,
  context: CollectorContext,
  place: FindingPlace,
): Collector | null {
  const url = originOf(provider, context, place);
  if (url === null) return null;
  return { protocol: 'otlp-grpc', url, headers: {}, timeoutMs: defaultTimeoutMs };
}

/** From the short form of a Bootstrap: the path is that of the protocol where the URL has none. */
export function collectorAt(endpoint: string, protocol: Collector['protocol']): Collector {
  const { origin, pathname, search } = new URL(endpoint);
  const standard = protocol === 'zipkin' ? zipkinSpansPath : otlpTracesPath;
  const path = pathname === '/' ? standard : pathname + search;
  return {
    protocol,
    url: protocol === 'otlp-grpc' ? origin : origin + path,
    headers: {},
    timeoutMs: protocol === 'zipkin' ? zipkinTimeoutMs : defaultTimeoutMs,
  };
}

function absolutePath(path: string | undefined, standard: string): string {
  if (path === undefined || path === '') return standard;
  return path.startsWith('/') ? path : `/${path}`;
}

type HeaderSettings = NonNullable<ZipkinProvider['headers']>;

/** A variable that is not set leaves its header out. */
function headersOf(headers: HeaderSettings | undefined): Collector['headers'] {
  const entries = (headers ?? []).flatMap(({ name, value, envName }) => {
    const given = envName === undefined ? value : process.env[envName];
    return given === undefined ? [] : [[name.toLowerCase(), given] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * `http://host:port` of one endpoint; `https` where a DestinationRule says TLS. null, with a
 * finding: nothing may be sent there.
 */
function originOf(
  { service: name, port }: ServicePort,
  context: CollectorContext,
  place: FindingPlace,
): string | null {
  const service = findService(name, context);
  const host = name.slice(name.indexOf('/') + 1);
  if (service === null) {
    const isAddress = isIP(host) !== 0;
    const effect = isAddress ? 'requests are sent to that address' : 'it is looked up by DNS';
    context.findings.add(translationCode.unregisteredCollector, place, {
      message: `"${host}" is no service of the registry; ${effect}`,
      hint: isAddress ? null : 'where there is none, add a Service or a ServiceEntry',
    });
    return `http://${bracketed(host)}:${port}`;
  }
  if (!hasPort(service, port)) {
    reportPort(service, port, { context, place });
    return null;
  }
  const rule = context.destinationRules.for(service);
  const policy = rule?.trafficPolicy ?? null;
  const { tls } = portSettings(policy, port) ?? policy ?? {};
  const target = service.endpoints.get(port)?.[0] ?? { address: service.host, port };
  if (rule === null || tls === undefined || (tls.mode ?? 'DISABLE') === 'DISABLE') {
    return `http://${bracketed(target.address)}:${target.port}`;
  }
  const { namespace, name: ruleName } = rule.resource.metadata;
  const label = `DestinationRule ${namespace}/${ruleName}`;
  if (tls.mode !== 'SIMPLE') {
    // In plain text everybody on the way would read the keys in its headers.
    context.findings.add(translationCode.collectorNeedsCertificate, place, {
      message: `${label} asks for TLS mode ${tls.mode}, and no certificate is shown to collectors: nothing is sent to "${host}"`,
      hint: 'for the port of the collector set tls.mode to SIMPLE, or DISABLE for plain text',
    });
    return null;
  }
  reportUnusedTls(tls, label, { context, place });
  // The certificate is for the name of the service, not for an address.
  return `https://${tls.sni ?? service.host}:${target.port}`;
}

/** What an ExternalName stands for has ports that nobody knows. */
function hasPort({ ports }: RegistryService, port: number): boolean {
  return ports.length === 0 || ports.some(({ number }) => number === port);
}

interface Report {
  readonly context: CollectorContext;
  readonly place: FindingPlace;
}

function reportPort(service: RegistryService, port: number, { context, place }: Report): void {
  const ports = service.ports.map(({ number }) => number).join(', ');
  context.findings.add(translationCode.unknownCollectorPort, place, {
    message: `the provider is at port ${port} of "${service.host}", which has none such; nothing is sent to it`,
    hint: `its ports: ${ports}`,
  });
}

/** The library that sends knows the authorities of the system alone. */
function reportUnusedTls(tls: ClientTlsSettings, label: string, { context, place }: Report): void {
  const { caCertificates, caCrl, credentialName, insecureSkipVerify, subjectAltNames } = tls;
  const fields = { caCertificates, caCrl, credentialName, insecureSkipVerify, subjectAltNames };
  const unused = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (unused.length === 0) return;
  const names = unused.map(([name]) => name).join(', ');
  context.findings.add(translationCode.unusedCollectorTls, place, {
    message: `${names} of ${label} are not used for collectors: their certificate is checked by the authorities of the system, for the name of the service`,
    hint: 'for an authority of your own set NODE_EXTRA_CA_CERTS',
  });
}

function findService(
  name: string,
  { services, domainSuffix }: CollectorContext,
): RegistryService | null {
  const slash = name.indexOf('/');
  const namespace = slash < 0 ? null : name.slice(0, slash);
  const host = name.slice(slash + 1);
  const hosts = [host, `${host}.svc.${domainSuffix}`];
  const found = services.find(
    (service) =>
      (namespace === null || service.namespace === namespace) &&
      hosts.some((candidate) => service.host === candidate || service.aliases.includes(candidate)),
  );
  return found ?? null;
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
