/** DestinationRule: subsets and traffic policies. */

import type { Path, Problems } from '../problem.ts';
import type {
  ClientTlsSettings,
  DestinationRuleSpec,
  OutlierDetection,
  PortTrafficPolicy,
  TrafficPolicy,
} from '../schema/destination-rule.ts';
import { checkPort, isIpAddress } from './addresses.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { checkSubsetName } from './destination.ts';
import { checkExportTo } from './export-to.ts';
import { hostNameMistake, wildcardHostMistake } from './host-names.ts';
import { checkLabels, checkSelector } from './labels.ts';
import { checkLoadBalancer } from './load-balancer.ts';
import { checkDuration, checkPercent } from './values.ts';

export function checkDestinationRule(
  spec: DestinationRuleSpec,
  namespace: string,
  problems: Problems,
): void {
  const mistake = wildcardHostMistake(spec.host);
  if (mistake !== null) problems.invalid(['spec', 'host'], mistake);
  checkTrafficPolicy(spec.trafficPolicy, ['spec', 'trafficPolicy'], problems);
  const names = new Set<string>();
  for (const [index, subset] of (spec.subsets ?? []).entries()) {
    const path = ['spec', 'subsets', index];
    if (names.has(subset.name)) {
      problems.invalid([...path, 'name'], `there are two subsets "${subset.name}"`);
    }
    names.add(subset.name);
    checkSubsetName(subset.name, [...path, 'name'], problems);
    checkLabels(subset.labels, [...path, 'labels'], problems);
    checkTrafficPolicy(subset.trafficPolicy, [...path, 'trafficPolicy'], problems);
  }
  const { workloadSelector, exportTo } = spec;
  const ownNamespaceOnly = workloadSelector !== undefined;
  checkExportTo(exportTo, { namespace, ownNamespaceOnly }, problems);
  if (workloadSelector !== undefined) {
    checkSelector(workloadSelector.matchLabels, ['spec', 'workloadSelector'], problems);
  }
}

/** As many as the CRD allows. */
const maxPortLevelSettings = 4096;

export function checkTrafficPolicy(
  policy: TrafficPolicy | undefined,
  path: Path,
  problems: Problems,
): void {
  if (policy === undefined) return;
  if (Object.keys(policy).length === 0) {
    problems.invalid(path, 'the traffic policy is empty', 'remove it, or add loadBalancer, …');
  }
  if (policy.tunnel !== undefined && policy.proxyProtocol !== undefined) {
    problems.invalid([...path, 'tunnel'], 'only one of tunnel and proxyProtocol may be set');
  }
  checkPortPolicy(policy, path, problems);
  checkTunnel(policy.tunnel, [...path, 'tunnel'], problems);
  checkRetryBudget(policy.retryBudget, [...path, 'retryBudget'], problems);
  const settings = policy.portLevelSettings ?? [];
  if (settings.length > maxPortLevelSettings) {
    problems.invalid([...path, 'portLevelSettings'], `more than ${maxPortLevelSettings} entries`);
  }
  for (const [index, setting] of settings.entries()) {
    const place = [...path, 'portLevelSettings', index];
    const { port, ...rest } = setting;
    if (port === undefined) problems.invalid(place, 'the policy of a port needs "port"');
    if (Object.keys(rest).length === 0) problems.invalid(place, 'the policy of the port is empty');
    checkPortPolicy(setting, place, problems);
  }
}

function checkPortPolicy(policy: PortTrafficPolicy, path: Path, problems: Problems): void {
  checkOutlierDetection(policy.outlierDetection, [...path, 'outlierDetection'], problems);
  checkConnectionPool(policy.connectionPool, [...path, 'connectionPool'], problems);
  const hasOutlierDetection = policy.outlierDetection !== undefined;
  const context = { path: [...path, 'loadBalancer'], hasOutlierDetection };
  checkLoadBalancer(policy.loadBalancer, context, problems);
  checkClientTls(policy.tls, [...path, 'tls'], problems);
}

export function checkOutlierDetection(
  outlier: OutlierDetection | undefined,
  path: Path,
  problems: Problems,
): void {
  if (outlier === undefined) return;
  checkDuration(outlier.baseEjectionTime, [...path, 'baseEjectionTime'], problems);
  checkDuration(outlier.interval, [...path, 'interval'], problems);
  checkPercent(outlier.maxEjectionPercent, [...path, 'maxEjectionPercent'], problems);
  checkPercent(outlier.minHealthPercent, [...path, 'minHealthPercent'], problems);
  const localFailures = outlier.consecutiveLocalOriginFailures ?? 0;
  if (localFailures > 0 && outlier.splitExternalLocalOriginErrors !== true) {
    const message = 'consecutiveLocalOriginFailures does nothing by itself';
    const hint = 'set splitExternalLocalOriginErrors: true';
    problems.invalid([...path, 'consecutiveLocalOriginFailures'], message, hint);
  }
}

function checkTunnel(tunnel: TrafficPolicy['tunnel'], path: Path, problems: Problems): void {
  if (tunnel === undefined) return;
  const { protocol = '', targetHost, targetPort } = tunnel;
  if (!['', 'CONNECT', 'POST'].includes(protocol)) {
    problems.invalid([...path, 'protocol'], 'the protocol of a tunnel must be CONNECT or POST');
  }
  const mistake = isIpAddress(targetHost) ? null : hostNameMistake(targetHost);
  if (mistake !== null) problems.invalid([...path, 'targetHost'], mistake);
  checkPort(targetPort, [...path, 'targetPort'], problems);
}

function checkRetryBudget(
  budget: TrafficPolicy['retryBudget'],
  path: Path,
  problems: Problems,
): void {
  checkPercent(budget?.percent, [...path, 'percent'], problems);
  checkDuration(budget?.budgetInterval, [...path, 'budgetInterval'], problems);
}

function checkClientTls(tls: ClientTlsSettings | undefined, path: Path, problems: Problems): void {
  if (tls === undefined) return;
  const { mode, credentialName = '', caCertificates = '', subjectAltNames } = tls;
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return;
  if (tls.insecureSkipVerify === true) {
    const named = mode === 'SIMPLE' && credentialName !== '';
    if (named || caCertificates !== '' || subjectAltNames !== undefined) {
      const message = 'insecureSkipVerify cannot stand beside what would be verified';
      problems.invalid([...path, 'insecureSkipVerify'], message);
    }
  }
  const files = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl'] as const;
  if (credentialName !== '') {
    const file = files.find((field) => (tls[field] ?? '') !== '');
    if (file === undefined) return;
    problems.invalid([...path, file], `"${file}" cannot stand beside credentialName`);
  } else if (mode === 'MUTUAL') {
    for (const field of ['clientCertificate', 'privateKey'] as const) {
      if ((tls[field] ?? '') === '') problems.invalid(path, `MUTUAL needs "${field}"`);
    }
  }
}
