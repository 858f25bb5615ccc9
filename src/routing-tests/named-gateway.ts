/** The Gateway that a test names, by the ports of its servers. */

import { err, ok, type Result } from '../base/result.ts';
import type { RoutingConfig } from './routing-config.ts';
import type { Source } from './test-request.ts';

/** The error is a sentence about the test. */
export function portsOfGateway(
  config: RoutingConfig,
  { sourceLabels, sourceNamespace }: Source,
  name: string,
): Result<ReadonlySet<number | undefined>, string> {
  if (sourceLabels !== null || sourceNamespace !== null) {
    return err(
      'a Gateway does not look at sourceLabels and sourceNamespace: they are for the mesh',
    );
  }
  const { gateways } = config.resources;
  const named = gateways.filter(({ metadata }) =>
    name.includes('/') ? name === `${metadata.namespace}/${metadata.name}` : name === metadata.name,
  );
  if (named.length === 0) {
    const known = gateways.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    return err(`there is no Gateway "${name}"; there are: ${known.join(', ') || 'none'}`);
  }
  const ports = named.flatMap(({ spec }) => (spec.servers ?? []).map(({ port }) => port?.number));
  return ok(new Set(ports));
}
