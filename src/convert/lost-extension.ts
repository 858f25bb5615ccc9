/** What an Ingress asks of a route that neither VirtualService nor HTTPRoute has a field for. */

import type { RouteExtension } from '../config/schema/route-extension.ts';
import type { HttpRoute } from '../config/schema/virtual-service.ts';
import type { ConversionLosses, LossPlace, LossText } from './conversion-losses.ts';

type LostField = Exclude<keyof RouteExtension, 'semantics' | 'plainPrefixes'>;

/** `fields`: as `sluice diff` calls them. */
const lost: Readonly<Record<LostField, LossText>> = {
  rateLimits: {
    what: 'the limit on requests of each client',
    hint: 'Istio has an EnvoyFilter with a local rate limit for it',
    fields: ['what a request must pass'],
  },
  concurrencyLimits: {
    what: 'the limit on requests of each client at the same time',
    fields: ['what a request must pass'],
  },
  sourceIps: {
    what: 'the addresses of clients that are let in or kept out',
    hint: 'Istio has an AuthorizationPolicy with ipBlocks or notIpBlocks for it',
    fields: ['what a request must pass'],
  },
  maxRequestBytes: {
    what: 'the greatest size of a request',
    hint: 'Istio has an EnvoyFilter with a buffer filter for it',
    fields: ['what a request must pass'],
  },
  errorResponses: {
    what: 'the service that answers in place of errors',
    hint: 'Istio has an EnvoyFilter with custom_response for it',
    fields: ['error pages'],
  },
  hashPolicies: {
    what: 'what chooses the endpoint of a request',
    hint: 'a DestinationRule hashes one header, cookie, query parameter or address for all routes',
    fields: ['hash'],
  },
  idleTimeoutMs: {
    what: 'the longest pause of the endpoint',
    hint: 'timeout limits the whole response',
    fields: ['idle timeout'],
  },
  sendTimeoutMs: {
    what: 'how long the endpoint may take nothing of a body',
    hint: 'timeout limits the whole response',
    fields: ['send timeout'],
  },
  stickyWeights: {
    what: 'that a client stays with its side of a canary',
    hint: 'with the annotation sluice.dev/sticky-weights sluice does it for a VirtualService',
    fields: ['sticky weights'],
  },
};

export interface ExtensionPlace extends LossPlace {
  readonly losses: ConversionLosses;
}

export function lostExtension(
  { extension }: HttpRoute,
  { resource, path, losses }: ExtensionPlace,
): void {
  if (extension === undefined) return;
  for (const [field, text] of Object.entries(lost)) {
    if (isAsked(extension[field as LostField])) {
      losses.add({ resource, path: [...path, 'extension', field] }, text);
    }
  }
}

function isAsked(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}
