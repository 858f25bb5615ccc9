/** TLSRoute, TCPRoute and BackendTLSPolicy: what the API server would refuse. */

import type { Path, Problems } from '../problem.ts';
import type { BackendTlsPolicySpec } from '../schema/gateway-api/backend-tls-policy.ts';
import type { TcpRouteSpec } from '../schema/gateway-api/tcp-route.ts';
import type { TlsRouteSpec } from '../schema/gateway-api/tls-route.ts';
import { checkHostnames } from './gateway-api-route.ts';
import { hostNameMistake } from './host-names.ts';

export function checkTlsRoute(spec: TlsRouteSpec, problems: Problems): void {
  checkHostnames(spec.hostnames, problems);
  checkRules(spec, problems);
}

export function checkTcpRoute(spec: TcpRouteSpec, problems: Problems): void {
  checkRules(spec, problems);
}

/** Old versions allowed several. */
function checkRules({ rules = [] }: TcpRouteSpec, problems: Problems): void {
  if (rules.length === 0) {
    problems.invalid(['spec'], 'the route has no rule', 'rules: [{backendRefs: …}]');
  }
  if (rules.length > 1) {
    const message = 'only the first rule counts: a connection has nothing to tell rules apart';
    problems.doubtful(['spec', 'rules', 1], message, 'write a route for each listener');
  }
}

export function checkBackendTlsPolicy(spec: BackendTlsPolicySpec, problems: Problems): void {
  const { targetRefs } = spec;
  if (targetRefs.length === 0) problems.invalid(['spec', 'targetRefs'], 'the policy has no target');
  const seen = new Set<string>();
  for (const [index, { group, kind, name, sectionName = '' }] of targetRefs.entries()) {
    const target = [group, kind, name, sectionName].join('/');
    if (seen.has(target)) {
      problems.invalid(['spec', 'targetRefs', index], 'the target is listed twice');
    }
    seen.add(target);
  }
  checkValidation(spec, ['spec', 'validation'], problems);
}

function checkValidation(
  { validation }: BackendTlsPolicySpec,
  path: Path,
  problems: Problems,
): void {
  const { caCertificateRefs = [], wellKnownCACertificates, hostname } = validation;
  const isNamed = caCertificateRefs.length > 0;
  const isSystem = wellKnownCACertificates !== undefined;
  if (isNamed && isSystem) {
    const message = 'wellKnownCACertificates cannot stand beside caCertificateRefs';
    problems.invalid([...path, 'wellKnownCACertificates'], message);
  }
  if (!isNamed && !isSystem) {
    const hint = 'name a ConfigMap in caCertificateRefs, or wellKnownCACertificates: System';
    problems.invalid(path, 'the policy does not say which authorities it trusts', hint);
  }
  const mistake = hostNameMistake(hostname);
  if (mistake !== null) problems.invalid([...path, 'hostname'], mistake);
  for (const [index, name] of (validation.subjectAltNames ?? []).entries()) {
    checkName(name, [...path, 'subjectAltNames', index], problems);
  }
}

type SubjectAltName = NonNullable<BackendTlsPolicySpec['validation']['subjectAltNames']>[number];

function checkName(name: SubjectAltName, path: Path, problems: Problems): void {
  const { type, hostname = '' } = name;
  const field = type === 'URI' ? 'uri' : 'hostname';
  const other = type === 'URI' ? 'hostname' : 'uri';
  if ((name[field] ?? '') === '') {
    problems.invalid(path, `a name of the type ${type} needs "${field}"`);
  }
  if (name[other] !== undefined) {
    problems.invalid([...path, other], `a name of the type ${type} cannot have "${other}"`);
  }
  const mistake = type === 'Hostname' ? nameMistake(hostname) : null;
  if (mistake !== null) problems.invalid([...path, 'hostname'], mistake);
}

/** `*.` may stand before it. */
function nameMistake(hostname: string): string | null {
  return hostname === '' ? null : hostNameMistake(hostname.replace(/^\*\./, ''));
}
