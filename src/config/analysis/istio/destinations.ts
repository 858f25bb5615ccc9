/** Every destination that a VirtualService names, with its place. */

import type { Path } from '../../problem.ts';
import type { Loose, ReadResources } from '../../read-resources.ts';
import type { Destination } from '../../schema/destination.ts';

export interface NamedDestination {
  readonly destination: Loose<Destination>;
  readonly path: Path;
}

type VirtualService = ReadResources['virtualServices'][number];

export function destinationsOf({ spec }: VirtualService): NamedDestination[] {
  return [
    ...ruleDestinations('tcp', spec.tcp),
    ...ruleDestinations('tls', spec.tls),
    ...ruleDestinations('http', spec.http),
    ...mirrorDestinations(spec.http),
  ];
}

type Rules = readonly {
  readonly route?: readonly { readonly destination?: Loose<Destination> | undefined }[] | undefined;
}[];

/** A destination that is missing is one without a host. */
function ruleDestinations(field: string, rules: Rules = []): NamedDestination[] {
  return rules.flatMap(({ route = [] }, rule) =>
    route.map(({ destination = {} }, index) => ({
      destination,
      path: ['spec', field, rule, 'route', index, 'destination'],
    })),
  );
}

function mirrorDestinations(rules: VirtualService['spec']['http'] = []): NamedDestination[] {
  return rules.flatMap(({ mirror, mirrors = [] }, rule) => {
    const path = ['spec', 'http', rule];
    const further = mirrors.map(({ destination = {} }, index) => ({
      destination,
      path: [...path, 'mirrors', index, 'destination'],
    }));
    if (mirror === undefined) return further;
    return [{ destination: mirror, path: [...path, 'mirror'] }, ...further];
  });
}
