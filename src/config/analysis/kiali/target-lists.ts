/** Every list of destinations among which a rule of a VirtualService divides what it matches. */

import type { Path } from '../../problem.ts';
import type { HttpRouteDestination } from '../../schema/virtual-service.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';

/** Rules of `tcp` and `tls` have no headers. */
export type Target = Pick<HttpRouteDestination, 'destination' | 'weight' | 'headers'>;

export interface TargetList {
  readonly targets: readonly Target[];
  /** Of the list, `spec.http[0].route`. */
  readonly path: Path;
}

export function* targetLists({ spec }: VirtualService): Iterable<TargetList> {
  for (const field of ['http', 'tls', 'tcp'] as const) {
    for (const [index, { route = [] }] of (spec[field] ?? []).entries()) {
      yield { targets: route, path: ['spec', field, index, 'route'] };
    }
  }
}
