/** IST0149: rules by claims of a token, at gateways where nothing verifies tokens. */

import { isObject } from '../../../base/is-object.ts';
import type { Path } from '../../problem.ts';
import type { ReadResources } from '../../read-resources.ts';
import { isClaimName } from '../../validation/headers.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { completeName, fullName } from './names.ts';
import { podsOf, Selectable, type Selector, selects } from './selector.ts';

type VirtualService = ReadResources['virtualServices'][number];

export function* claimRoutes({ read, settings }: AnalysisContext): Iterable<AnalyzerFinding> {
  const pods = new Selectable(podsOf(read));
  const policies = authenticationsOf(read);
  const gateways = new Map(read.gateways.map((gateway) => [fullName(gateway), gateway]));
  for (const resource of read.virtualServices) {
    const claim = claimOf(resource);
    if (claim === null) continue;
    for (const name of resource.spec.gateways ?? []) {
      const gateway = gateways.get(completeName(name, resource.metadata.namespace));
      if (gateway === undefined) continue;
      const { selector = {} } = gateway.spec;
      for (const pod of pods.selectedBy(selector)) {
        const isVerified = policies.some(
          ({ namespace, labels }) =>
            (namespace === settings.mesh.rootNamespace || namespace === pod.namespace) &&
            selects(labels, pod.labels),
        );
        if (isVerified) continue;
        yield {
          code: istioCode.claimWithoutAuthentication,
          resource,
          path: claim.path,
          message: `no RequestAuthentication verifies tokens at the pod ${pod.name} of ${fullName(gateway)}`,
          hint: `without one "${claim.name}" never matches: add one for the labels of the gateway`,
        };
      }
    }
  }
}

interface Claim {
  readonly name: string;
  readonly path: Path;
}

/** The first that a rule asks for. */
function claimOf({ spec }: VirtualService): Claim | null {
  for (const [rule, { match = [] }] of (spec.http ?? []).entries()) {
    for (const [index, request] of match.entries()) {
      for (const field of ['headers', 'withoutHeaders'] as const) {
        const name = Object.keys(request[field] ?? {}).find(isClaimName);
        if (name === undefined) continue;
        return { name, path: ['spec', 'http', rule, 'match', index, field, name] };
      }
    }
  }
  return null;
}

/** RequestAuthentication has no schema here: it is not enforced yet. */
function authenticationsOf(
  read: ReadResources,
): { readonly namespace: string; readonly labels: Selector }[] {
  return read.others
    .filter(
      ({ kind, apiVersion }) =>
        kind === 'RequestAuthentication' && apiVersion.startsWith('security.istio.io/'),
    )
    .map(({ metadata, spec }) => {
      const selector = isObject(spec) ? spec['selector'] : undefined;
      const labels = isObject(selector) ? selector['matchLabels'] : undefined;
      return { namespace: metadata.namespace, labels: isObject(labels) ? texts(labels) : {} };
    });
}

function texts(labels: Readonly<Record<string, unknown>>): Selector {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
