/** Counts of rows by feature, and those that fail. */

import { table } from '../istio-envoy/report.ts';
import type { Row } from './play.ts';

export interface FeatureScore {
  /** `SupportHTTPRoutePathRewrite`. */
  readonly feature: string;
  readonly passed: number;
  readonly played: number;
  readonly notPlayed: number;
}

/** Features that nearly every test names: a test counts for them where it names no other. */
const common = ['SupportGateway', 'SupportMesh'];
/** Core of a kind of resources. */
const kinds = [
  'SupportHTTPRoute',
  'SupportGRPCRoute',
  'SupportTLSRoute',
  'SupportTCPRoute',
  'SupportReferenceGrant',
  'SupportBackendTLSPolicy',
];

/**
 * What a test is about: its extended features; kinds of resources where it names none of those; the
 * Gateway or the mesh where it names neither.
 */
export function featuresOf({ features }: Row): readonly string[] {
  const extended = features.filter((each) => !common.includes(each) && !kinds.includes(each));
  if (extended.length > 0) return extended;
  if (features.includes('SupportMesh')) return ['SupportMesh'];
  const named = features.filter((each) => kinds.includes(each));
  return named.length > 0 ? named : ['SupportGateway'];
}

export function scoresOf(rows: readonly Row[]): FeatureScore[] {
  const features = [...new Set(rows.flatMap(featuresOf))].sort();
  return features.map((feature) => {
    const own = rows.filter((row) => featuresOf(row).includes(feature));
    const played = own.filter(({ notPlayed }) => notPlayed === null);
    return {
      feature,
      passed: played.filter(({ mismatch }) => mismatch === null).length,
      played: played.length,
      notPlayed: own.length - played.length,
    };
  });
}

export function formatScores(rows: readonly Row[]): string {
  const lines = scoresOf(rows).map(({ feature, passed, played, notPlayed }) => [
    feature,
    `${passed} of ${played}`,
    notPlayed === 0 ? '' : String(notPlayed),
  ]);
  const played = rows.filter(({ notPlayed }) => notPlayed === null);
  const passed = played.filter(({ mismatch }) => mismatch === null);
  const all = ['all', `${passed.length} of ${played.length}`, String(rows.length - played.length)];
  return table([['feature', 'rows', 'not played'], ...lines, all]);
}

/** `HTTPRouteCORS [2] …: what differs`. */
export function failingRows(rows: readonly Row[]): string[] {
  return rows.flatMap(({ test, name, mismatch }) =>
    mismatch === null ? [] : [`${test} ${name}: ${mismatch}`],
  );
}
