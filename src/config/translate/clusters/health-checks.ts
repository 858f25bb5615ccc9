/** Which health check a cluster has, and the check itself with every default filled in. */

import type { UpstreamProtocol } from '../../../model/cluster.ts';
import type { HealthCheck, HttpHealthCheck, TcpHealthCheck } from '../../../model/health-check.ts';
import type { UpstreamTls } from '../../../model/tls.ts';
import { type AnnotatedHealthCheck, readHealthCheck } from '../../health-check-annotation.ts';
import { Problems } from '../../problem.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import { isHostWithin } from '../../registry/host-names.ts';
import type { HealthCheckSpec, HttpHealthCheckSpec } from '../../schema/health-check.ts';
import { durationOr } from '../durations.ts';

/** Where the health check of a service may be asked for, what wins first. */
export interface HealthCheckSources {
  /** Texts of the annotation. */
  readonly ofRule: string | null;
  readonly ofService: string | null;
  /** The first item of the Bootstrap with the host of the service. */
  readonly settings: ProxySettings;
  readonly host: string;
  /** What requests speak; a check speaks the same unless it says otherwise. */
  readonly protocol: UpstreamProtocol;
  /** That of requests. */
  readonly tls: UpstreamTls | null;
}

/** null: no checks. */
export function healthCheckFor(sources: HealthCheckSources): HealthCheck | null {
  const { ofRule, ofService, settings, host } = sources;
  const spec = readSound(ofRule) ?? readSound(ofService) ?? ofBootstrap(settings, host);
  return spec === null || spec === 'off' ? null : translateHealthCheck(spec, sources);
}

/** What is wrong with it has been told when its resource was read. */
function readSound(text: string | null): AnnotatedHealthCheck | null {
  return text === null ? null : readHealthCheck(text, new Problems());
}

function ofBootstrap({ healthChecks }: ProxySettings, host: string): HealthCheckSpec | null {
  const covers = ({ hosts = ['*'] }: { readonly hosts?: readonly string[] }) =>
    hosts.some((pattern) => pattern === host || isHostWithin(host, pattern));
  return healthChecks.find(covers) ?? null;
}

type Destination = Pick<HealthCheckSources, 'host' | 'protocol' | 'tls'>;

function translateHealthCheck(spec: HealthCheckSpec, to: Destination): HealthCheck | null {
  const check = translateKind(spec, to);
  if (check === null) return null;
  const intervalMs = durationOr(spec.interval, 10_000);
  const unhealthyIntervalMs = durationOr(spec.unhealthyInterval, intervalMs);
  const noTrafficIntervalMs = durationOr(spec.noTrafficInterval, 60_000);
  return {
    timeoutMs: durationOr(spec.timeout, 1_000),
    intervalMs,
    intervalJitterMs: durationOr(spec.intervalJitter, 0),
    intervalJitterPercent: spec.intervalJitterPercent ?? 10,
    initialJitterMs: durationOr(spec.initialJitter, 0),
    unhealthyThreshold: spec.unhealthyThreshold ?? 3,
    healthyThreshold: spec.healthyThreshold ?? 1,
    noTrafficIntervalMs,
    noTrafficHealthyIntervalMs: durationOr(spec.noTrafficHealthyInterval, noTrafficIntervalMs),
    unhealthyIntervalMs,
    unhealthyEdgeIntervalMs: durationOr(spec.unhealthyEdgeInterval, unhealthyIntervalMs),
    healthyEdgeIntervalMs: durationOr(spec.healthyEdgeInterval, intervalMs),
    tls: to.tls === null ? null : tlsOfCheck(to.tls, check, to),
    check,
  };
}

/** The host of the check, or of the service, stands for the hosts of requests. */
function tlsOfCheck(
  tls: UpstreamTls,
  check: HealthCheck['check'],
  { host, protocol }: Destination,
): UpstreamTls {
  const named = check.kind === 'http' ? check.host : knownHost(host);
  const name = named?.replace(/:\d+$/, '') ?? null;
  const forName = {
    sni: tls.sni ?? name,
    autoSanValidation: tls.autoSanValidation && name !== null,
  };
  if (check.kind === 'tcp') return { ...tls, ...forName };
  const isAlike = tls.alpn.length > 0 && (check.codec === 'http2') === (protocol === 'http2');
  const alpn = isAlike ? tls.alpn : [check.codec === 'http2' ? 'h2' : 'http/1.1'];
  return { ...tls, ...forName, alpn };
}

/** A wildcard is no host that anybody serves. */
function knownHost(host: string): string | null {
  return host.includes('*') ? null : host;
}

function translateKind(
  { httpHealthCheck, tcpHealthCheck }: HealthCheckSpec,
  to: Destination,
): HttpHealthCheck | TcpHealthCheck | null {
  if (httpHealthCheck !== undefined) return translateHttp(httpHealthCheck, to);
  if (tcpHealthCheck === undefined) return null;
  const { send, receive = [] } = tcpHealthCheck;
  return { kind: 'tcp', send: send?.text ?? null, receive: receive.map(({ text }) => text) };
}

function translateHttp(
  spec: HttpHealthCheckSpec,
  { host, protocol }: Destination,
): HttpHealthCheck {
  const { expectedStatuses = [], retriableStatuses = [], headers = {} } = spec;
  const byName = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    kind: 'http',
    codec: codecOf(spec, protocol),
    path: spec.path,
    host: spec.host ?? knownHost(host),
    method: spec.method ?? 'GET',
    expectedStatuses: expectedStatuses.length === 0 ? [{ start: 200, end: 201 }] : expectedStatuses,
    retriableStatuses,
    headers: Object.fromEntries(byName),
  };
}

/** Envoy's default is HTTP/1.1 for all; an endpoint that speaks HTTP/2 alone would never be well. */
function codecOf(
  { codecClientType }: HttpHealthCheckSpec,
  protocol: UpstreamProtocol,
): HttpHealthCheck['codec'] {
  if (codecClientType !== undefined) return codecClientType === 'HTTP2' ? 'http2' : 'http1';
  return protocol === 'http2' ? 'http2' : 'http1';
}
