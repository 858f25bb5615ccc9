/** Health checks: what Envoy refuses in them, and what could not be sent. */

import { healthCheckAnnotation, readHealthCheck } from '../health-check-annotation.ts';
import type { Path, Problems } from '../problem.ts';
import type {
  HealthCheckSpec,
  HostHealthCheckSpec,
  HttpHealthCheckSpec,
  TcpHealthCheckSpec,
} from '../schema/health-check.ts';
import { checkAsciiText, checkAuthorityText, checkTargetText } from './head-text.ts';
import { checkDuration } from './values.ts';

/** Annotations of the resource kinds that may have one. */
export function checkHealthCheckAnnotation(
  annotations: Readonly<Record<string, string>>,
  problems: Problems,
): void {
  const text = annotations[healthCheckAnnotation];
  if (text === undefined) return;
  const spec = readHealthCheck(text, problems);
  if (spec === null || spec === 'off') return;
  checkHealthCheck(spec, ['metadata', 'annotations', healthCheckAnnotation], problems);
}

export function checkHealthChecks(
  list: readonly HostHealthCheckSpec[],
  path: Path,
  problems: Problems,
): void {
  for (const [index, item] of list.entries()) {
    const place = [...path, index];
    for (const [position, host] of (item.hosts ?? []).entries()) {
      if (/^(\*|(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$/i.test(host)) continue;
      const hint = 'write a full name, *.example.com, or *';
      problems.invalid([...place, 'hosts', position], `"${host}" is not a host`, hint);
    }
    checkHealthCheck(item, place, problems);
  }
}

const intervals = [
  'timeout',
  'interval',
  'noTrafficInterval',
  'noTrafficHealthyInterval',
  'unhealthyInterval',
  'unhealthyEdgeInterval',
  'healthyEdgeInterval',
] as const;

function checkHealthCheck(spec: HealthCheckSpec, path: Path, problems: Problems): void {
  for (const field of intervals) checkDuration(spec[field], [...path, field], problems);
  for (const field of ['initialJitter', 'intervalJitter'] as const) {
    if (spec[field]?.startsWith('-') !== true) continue;
    problems.invalid([...path, field], `the duration ${spec[field]} must not be negative`);
  }
  const { httpHealthCheck, tcpHealthCheck, grpcHealthCheck } = spec;
  if (httpHealthCheck !== undefined) checkHttp(httpHealthCheck, path, problems);
  else if (tcpHealthCheck !== undefined) checkTcp(tcpHealthCheck, path, problems);
  else if (grpcHealthCheck === undefined) {
    const hint = 'add httpHealthCheck: {path: /} or tcpHealthCheck: {}';
    problems.invalid(path, 'the health check does not say what to check', hint);
  }
}

function checkHttp(check: HttpHealthCheckSpec, parent: Path, problems: Problems): void {
  const path = [...parent, 'httpHealthCheck'];
  if (!check.path.startsWith('/')) {
    problems.invalid([...path, 'path'], `the path "${check.path}" must begin with "/"`);
  }
  checkTargetText(check.path, [...path, 'path'], problems);
  checkAsciiText(check.path, [...path, 'path'], problems);
  checkAuthorityText(check.host, [...path, 'host'], problems);
  for (const field of ['expectedStatuses', 'retriableStatuses'] as const) {
    for (const [index, { start, end }] of (check[field] ?? []).entries()) {
      if (start >= 100 && end <= 600 && start < end) continue;
      const message = `statuses from ${start} to below ${end} cannot be`;
      const hint = 'start is 100 or more and below end, end is 600 or less';
      problems.invalid([...path, field, index], message, hint);
    }
  }
  for (const [name, value] of Object.entries(check.headers ?? {})) {
    checkHeader(name, value, { path: [...path, 'headers', name], problems });
  }
}

/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The proxy's own to say: where the message ends, and whose connection it is. */
const reserved =
  /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

interface HeaderContext {
  readonly path: Path;
  readonly problems: Problems;
}

function checkHeader(name: string, value: string, { path, problems }: HeaderContext): void {
  if (!token.test(name)) problems.invalid(path, `"${name}" is not a header name`);
  else if (reserved.test(name)) {
    const hint = name.toLowerCase() === 'host' ? 'use the field host' : null;
    problems.invalid(path, `the header "${name}" cannot be set here`, hint);
  }
  checkAsciiText(value, path, problems);
}

function checkTcp({ send, receive }: TcpHealthCheckSpec, parent: Path, problems: Problems): void {
  const path = [...parent, 'tcpHealthCheck'];
  const payloads = [
    ...(send === undefined ? [] : [{ text: send.text, at: [...path, 'send', 'text'] }]),
    ...(receive ?? []).map(({ text }, index) => ({
      text,
      at: [...path, 'receive', index, 'text'],
    })),
  ];
  for (const { text, at } of payloads) {
    if (/^([0-9a-f]{2})+$/i.test(text)) continue;
    problems.invalid(at, `"${text}" is not hexadecimal`, 'write two digits a byte: 50494e47');
  }
}
