/** Mirrors whose copies go where the request itself goes, so that it is done twice. */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import type { Destination } from '../../schema/destination.ts';
import type { HttpRouteDestination } from '../../schema/virtual-service.ts';
import type { HttpRule } from '../../translate/rules/virtual-services.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import type { Traffic } from './traffic.ts';

interface Mirror {
  readonly destination: Destination;
  readonly path: Path;
}

export function* mirrorToItself(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const rule of traffic.rules) {
    for (const { destination, path } of mirrorsOf(rule)) {
      const percent = percentTo(destination, rule.spec.route ?? []);
      if (percent === 0) continue;
      const share = percent === 100 ? 'the requests' : `${percent} % of the requests`;
      yield {
        code: findingCode.mirrorToItself,
        resource: rule.resource,
        path,
        message: `copies go to ${describe(destination)}, where ${share} go themselves`,
        hint: `mirror to another host or subset: ${share} would be done twice`,
      };
    }
  }
}

function mirrorsOf({ spec, path }: HttpRule): Mirror[] {
  const { mirror, mirrors = [] } = spec;
  const further = mirrors.map(({ destination }, index) => ({
    destination,
    path: [...path, 'mirrors', index, 'destination'],
  }));
  return mirror === undefined
    ? further
    : [{ destination: mirror, path: [...path, 'mirror'] }, ...further];
}

/** Of the requests of the rule, 0 to 100 with one decimal; the only destination has all. */
function percentTo(copied: Destination, routes: readonly HttpRouteDestination[]): number {
  const isOnly = routes.length === 1;
  let all = 0;
  let same = 0;
  for (const { destination, weight = 0 } of routes) {
    const part = isOnly ? 1 : weight;
    all += part;
    if (isSame(destination, copied)) same += part;
  }
  return same === 0 ? 0 : Math.max(0.1, Math.round((same / all) * 1000) / 10);
}

function isSame(a: Destination, b: Destination): boolean {
  const isSamePort = (a.port?.number ?? 0) === (b.port?.number ?? 0);
  return a.host === b.host && (a.subset ?? '') === (b.subset ?? '') && isSamePort;
}

function describe({ host, subset = '' }: Destination): string {
  return subset === '' ? host : `subset ${subset} of ${host}`;
}
