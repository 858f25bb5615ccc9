/** How endpoints are chosen. */

import { hashRingEntries } from '../../model/cluster-policy.ts';
import type { Path, Problems } from '../problem.ts';
import type {
  ConsistentHash,
  LoadBalancerSettings,
  LocalityLbSetting,
} from '../schema/load-balancer.ts';
import { checkTargetText, checkValueText } from './head-text.ts';
import { checkDuration } from './values.ts';

export interface LoadBalancerContext {
  readonly path: Path;
  /** Failover needs outlier detection to notice that a locality fails. */
  readonly hasOutlierDetection: boolean;
}

export function checkLoadBalancer(
  settings: LoadBalancerSettings | undefined,
  context: LoadBalancerContext,
  problems: Problems,
): void {
  if (settings === undefined) return;
  const { path } = context;
  const { consistentHash, localityLbSetting, zoneAwareLbSetting } = settings;
  if (consistentHash !== undefined) {
    checkConsistentHash(consistentHash, [...path, 'consistentHash'], problems);
  }
  if (localityLbSetting !== undefined && zoneAwareLbSetting !== undefined) {
    const message = 'only one of localityLbSetting and zoneAwareLbSetting may be set';
    problems.invalid([...path, 'zoneAwareLbSetting'], message);
  }
  if (localityLbSetting !== undefined) {
    const place = { ...context, path: [...path, 'localityLbSetting'] };
    checkLocality(localityLbSetting, place, problems);
  }
  checkDuration(settings.warmupDurationSecs, [...path, 'warmupDurationSecs'], problems);
  checkDuration(settings.warmup?.duration, [...path, 'warmup', 'duration'], problems);
}

/** Envoy's bound on the Maglev table. */
const maxTableSize = 5_000_011;

/** Envoy's bound on the least size of a ring. */
const maxRingSize = 8_388_608;

function checkConsistentHash(hash: ConsistentHash, path: Path, problems: Problems): void {
  checkTargetText(hash.httpCookie?.name, [...path, 'httpCookie', 'name'], problems);
  checkValueText(hash.httpCookie?.path, [...path, 'httpCookie', 'path'], problems);
  hash.httpCookie?.attributes?.forEach((attribute, index) => {
    const place = [...path, 'httpCookie', 'attributes', index];
    checkTargetText(attribute.name, [...place, 'name'], problems);
    checkValueText(attribute.value, [...place, 'value'], problems);
  });
  if (hash.httpCookie?.name === '') {
    problems.invalid([...path, 'httpCookie', 'name'], 'the cookie needs a name');
  }
  const hasAlgorithm = hash.ringHash !== undefined || hash.maglev !== undefined;
  if ((hash.minimumRingSize ?? 0) !== 0 && hasAlgorithm) {
    const message = 'minimumRingSize cannot stand beside ringHash or maglev';
    problems.invalid([...path, 'minimumRingSize'], message);
  }
  checkRingSize(hash.minimumRingSize, [...path, 'minimumRingSize'], problems);
  checkRingSize(hash.ringHash?.minimumRingSize, [...path, 'ringHash', 'minimumRingSize'], problems);
  if (hash.maglev === undefined) return;
  const size = hash.maglev.tableSize ?? 0;
  const place = [...path, 'maglev', 'tableSize'];
  if (size === 0) problems.invalid(place, 'maglev needs a tableSize', 'for example 65537');
  else if (size >= maxTableSize) problems.invalid(place, `tableSize must be below ${maxTableSize}`);
  else if (!isPrime(size)) problems.invalid(place, `tableSize must be a prime number, not ${size}`);
}

function checkRingSize(size: number | undefined, path: Path, problems: Problems): void {
  if (size === undefined || size <= hashRingEntries) return;
  if (size > maxRingSize) {
    problems.invalid(path, `minimumRingSize must be at most ${maxRingSize}`);
    return;
  }
  problems.doubtful(path, `a ring has at most ${hashRingEntries} entries here`);
}

function isPrime(number: number): boolean {
  if (number < 4) return number > 0;
  if (number % 2 === 0) return false;
  for (let factor = 3; factor * factor <= number; factor += 2) {
    if (number % factor === 0) return false;
  }
  return true;
}

const topologyLabels = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

export function checkLocality(
  setting: LocalityLbSetting,
  { path, hasOutlierDetection }: LoadBalancerContext,
  problems: Problems,
): void {
  const { distribute = [], failover = [], failoverPriority = [] } = setting;
  if (distribute.length > 0 && failover.length > 0) {
    problems.invalid([...path, 'failover'], 'only one of distribute and failover may be set');
    return;
  }
  const topology = failoverPriority.find((label) => topologyLabels.has(label));
  if (failover.length > 0 && topology !== undefined) {
    problems.invalid([...path, 'failoverPriority'], `"${topology}" cannot stand beside failover`);
  }
  checkDistribute(distribute, [...path, 'distribute'], problems);
  checkFailover(failover, [...path, 'failover'], problems);
  if (failover.length + failoverPriority.length > 0 && !hasOutlierDetection) {
    problems.doubtful(path, 'failover does nothing without outlierDetection');
  }
}

type Distribute = NonNullable<LocalityLbSetting['distribute']>;

function checkDistribute(distribute: Distribute, path: Path, problems: Problems): void {
  for (const [index, { to = {} }] of distribute.entries()) {
    const place = [...path, index, 'to'];
    const shares = Object.values(to);
    const total = shares.reduce((sum, share) => sum + share, 0);
    if (shares.some((share) => share < 1 || share > 100)) {
      problems.invalid(place, 'each share must be 1 to 100');
    } else if (total !== 100)
      problems.invalid(place, `the shares must add up to 100, not ${total}`);
    checkLocalities(Object.keys(to), place, problems);
  }
  checkLocalities(
    distribute.map(({ from = '' }) => from),
    path,
    problems,
  );
}

/** Localities of one list: well formed, and none inside another. */
function checkLocalities(localities: readonly string[], path: Path, problems: Problems): void {
  const seen: string[][] = [];
  for (const locality of localities) {
    const parts = locality.split('/', 3);
    if (parts.includes('') || /\*./.test(locality)) {
      const hint = 'region/zone/subzone, "*" only at the end';
      problems.invalid(path, `"${locality}" is not a locality`, hint);
      continue;
    }
    if (seen.some((other) => overlap(other, parts))) {
      problems.invalid(path, `the locality "${locality}" overlaps with one before it`);
    }
    seen.push(parts);
  }
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    if (a[index] === '*' || b[index] === '*') return true;
    if (a[index] !== b[index]) return false;
  }
  return true;
}

type Failover = NonNullable<LocalityLbSetting['failover']>;

function checkFailover(failover: Failover, path: Path, problems: Problems): void {
  for (const [index, { from = '', to = '' }] of failover.entries()) {
    const place = [...path, index];
    if (from === to) problems.invalid(place, 'failover must go to another region');
    if (/[/*]/.test(from + to)) problems.invalid(place, 'failover names regions only');
  }
}
