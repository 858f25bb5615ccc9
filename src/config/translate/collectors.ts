/** Where a provider of telemetry listens: an endpoint of a service in the registry, or a DNS name. */

import { isIP } from 'node:net';
import { parseDuration } from '../../base/duration.ts';
import type { Collector } from '../../model/collector.ts';
import type { RegistryService } from '../registry/service.ts';
import type {
  EnvoyOtelAls,
  OpenTelemetryProvider,
  ZipkinProvider,
} from '../schema/extension-providers.ts';
import type { DestinationRules } from './destination-rules.ts';
import { portSettings } from './traffic-policy.ts';
import {
  type FindingPlace,
  type TranslationFindings,
  translationCode,
} from './translation-findings.ts';

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
): Collector {
  const origin = originOf(provider, context, place);
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
): Collector {
  return {
    protocol: 'zipkin',
    url: originOf(provider, context, place) + absolutePath(provider.path, zipkinSpansPath),
    headers: headersOf(provider.headers),
    timeoutMs: parseDuration(provider.timeout ?? '') ?? zipkinTimeoutMs,
  };
}

export function otlpLogCollector(
  provider: EnvoyOtelAls,
  context: CollectorContext,
  place: FindingPlace,
): Collector {
  const url = originOf(provider, context, place);
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

/** `http://host:port` of one endpoint; `https` where a DestinationRule says TLS. */
function originOf(
  { service: name, port }: ServicePort,
  context: CollectorContext,
  place: FindingPlace,
): string {
  const service = findService(name, context);
  const host = name.slice(name.indexOf('/') + 1);
  if (service === null) {
    context.findings.add(translationCode.unregisteredCollector, place, {
      message: `"${host}" is no service of the registry; it is looked up by DNS`,
      hint: isIP(host) === 0 ? 'where there is none, add a Service or a ServiceEntry' : null,
    });
    return `http://${bracketed(host)}:${port}`;
  }
  const policy = context.destinationRules.for(service)?.trafficPolicy ?? null;
  const { tls } = portSettings(policy, port) ?? policy ?? {};
  const endpoint = service.endpoints.get(port)?.[0];
  const target = endpoint ?? { address: service.host, port };
  // The certificate is for the name of the service, not for an address.
  if (tls?.mode === 'SIMPLE') return `https://${tls.sni ?? service.host}:${target.port}`;
  return `http://${bracketed(target.address)}:${target.port}`;
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
