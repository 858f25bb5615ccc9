/** Mirrors whose copies go where the request itself goes, so that it is done twice. */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import type { Destination } from '../../schema/destination.ts';
import type { HttpRule } from '../../translate/virtual-services.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import type { Traffic } from './traffic.ts';

interface Mirror {
  readonly destination: Destination;
  readonly path: Path;
}

export function* mirrorToItself(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const rule of traffic.rules) {
    for (const { destination, path } of mirrorsOf(rule)) {
      const isTarget = (rule.spec.route ?? []).some((target) =>
        isSame(target.destination, destination),
      );
      if (!isTarget) continue;
      yield {
        code: findingCode.mirrorToItself,
        resource: rule.resource,
        path,
        message: `copies go to ${describe(destination)}, where the requests go themselves`,
        hint: 'mirror to another host or subset: every request would be done twice',
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

function isSame(a: Destination, b: Destination): boolean {
  const isSamePort = (a.port?.number ?? 0) === (b.port?.number ?? 0);
  return a.host === b.host && (a.subset ?? '') === (b.subset ?? '') && isSamePort;
}

function describe({ host, subset = '' }: Destination): string {
  return subset === '' ? host : `subset ${subset} of ${host}`;
}
