/** Ingresses as the Gateways and VirtualServices that Istio would make of them. */

import { isHostWithin } from '../../registry/host-names.ts';
import type { Gateway, VirtualService } from '../../translate/istio-resources.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import { type AnnotatedRules, applyAnnotations } from './annotations/apply-annotations.ts';
import { servedIngresses } from './ingress-classes.ts';
import type { IngressContext, IngressRule } from './ingress-rule.ts';
import { ingressGateways } from './made-gateways.ts';
import { ingressVirtualServices } from './made-virtual-services.ts';
import { readRules } from './read-rules.ts';

/** What is made, beside what the user has written. */
export interface ConvertedIngresses extends Omit<AnnotatedRules, 'rules'> {
  readonly virtualServices: readonly VirtualService[];
  readonly gateways: readonly Gateway[];
}

export function convertIngresses(context: Omit<IngressContext, 'isTlsHost'>): ConvertedIngresses {
  const served = servedIngresses(context);
  const gateways = ingressGateways(
    served.map(({ ingress }) => ingress),
    context,
  );
  const tlsHosts = gateways.flatMap(({ spec }) =>
    (spec.servers ?? []).flatMap(({ tls, hosts = [] }) => (tls === undefined ? [] : hosts)),
  );
  const isTlsHost = (host: string) => tlsHosts.some((tlsHost) => isHostWithin(host, tlsHost));
  const full = { ...context, isTlsHost };
  const { rules, ...beside } = applyAnnotations(readRules(served, full), full);
  const usable = reportTakenPaths(
    rules.filter((rule) => isUsable(rule, full)),
    full,
  );
  return {
    virtualServices: ingressVirtualServices(usable, { settings: context.settings, gateways }),
    gateways,
    ...beside,
  };
}

/** A rule without a backend may still have a redirect of an annotation, for one port or for all. */
function isUsable(
  { backend, ingress, routes }: IngressRule,
  { findings }: IngressContext,
): boolean {
  const isComplete = routes.some(({ match = [] }) => match.every(({ port }) => port === undefined));
  if (!backend.ok && !isComplete) {
    const { path, message, hint } = backend.error;
    const place = { resource: ingress, path };
    findings.add(translationCode.ingressBackend, place, { message, hint });
  }
  return routes.length > 0;
}

/** Of two rules for the same requests the later one never gets any: it is left out. */
function reportTakenPaths(
  rules: readonly IngressRule[],
  { findings }: IngressContext,
): IngressRule[] {
  const owners = new Map<string, IngressRule>();
  return rules.filter((rule) => {
    const keys = rule.routes.map(
      ({ match = [] }) => `${rule.host} ${rule.written === null} ${JSON.stringify(match)}`,
    );
    const taken = keys.flatMap((key) => owners.get(key) ?? []);
    for (const key of keys) if (!owners.has(key)) owners.set(key, rule);
    const [owner] = taken;
    if (owner === undefined || taken.length < keys.length) return true;
    findings.add(translationCode.ingressPathTaken, rule.placeOf(['match']), {
      message: `${describe(rule)} is in ${nameOf(owner)} already, which was there first`,
      hint: 'remove one of them: this one gets no requests',
    });
    return false;
  });
}

function describe({ host, written }: IngressRule): string {
  if (written === null) return `a default backend for ${host === '*' ? 'other hosts' : host}`;
  const { path = '' } = written;
  return `${host}${path === '' ? ' without a path' : path}`;
}

function nameOf({ ingress, path, placeOf }: IngressRule): string {
  const { namespace, name } = ingress.metadata;
  const { line } = ingress.positionOf(placeOf(['match']).path ?? path);
  return `Ingress ${namespace}/${name} (${ingress.file}:${line})`;
}
