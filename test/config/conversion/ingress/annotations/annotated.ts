/** Ingresses with annotations, and what is made of them, in a form that fits into a table. */

import { convertResources } from '../../../../../src/config/conversion/convert-resources.ts';
import type { Finding } from '../../../../../src/config/finding.ts';
import type { DestinationRuleSpec } from '../../../../../src/config/schema/destination-rule.ts';
import type { ServiceEntrySpec } from '../../../../../src/config/schema/service-entry.ts';
import type { HttpRoute } from '../../../../../src/config/schema/virtual-service.ts';
import { TranslationFindings } from '../../../../../src/config/translate/translation-findings.ts';
import { load, sidecar } from '../../../translate/translate-yaml.ts';

export interface Annotated {
  /** By host. */
  readonly routes: ReadonlyMap<string, readonly HttpRoute[]>;
  readonly destinationRules: readonly DestinationRuleSpec[];
  readonly serviceEntries: readonly ServiceEntrySpec[];
  readonly findings: readonly Finding[];
}

/** Every Ingress is served, as by a proxy that was given no labels. */
export function annotated(...yaml: string[]): Annotated {
  const findings = new TranslationFindings();
  const settings = { ...sidecar, selectorsApply: false };
  const { resources } = convertResources(load(yaml.join('')), settings, findings);
  const made = resources.virtualServices.filter(({ madeFrom }) => madeFrom !== undefined);
  return {
    routes: new Map(made.map(({ spec }) => [spec.hosts?.[0] ?? '', spec.http ?? []])),
    destinationRules: resources.destinationRules
      .filter(({ madeFrom }) => madeFrom !== undefined)
      .map(({ spec }) => spec),
    serviceEntries: resources.serviceEntries.map(({ spec }) => spec),
    findings: findings.list(),
  };
}

export interface IngressParts {
  readonly name?: string;
  readonly host?: string;
  readonly service?: string;
  /** `path`, or `path pathType`. */
  readonly paths?: readonly string[];
  /** Further fields of the spec, in flow style. */
  readonly spec?: string;
}

/** An Ingress of host `a.com` for `/`, with annotations of nginx's controller, one a line. */
export function ingress(annotations: Record<string, string>, parts: IngressParts = {}): string {
  const { name = 'main', host = 'a.com', service = 'web', paths = ['/'], spec = '' } = parts;
  const lines = Object.entries({ 'x-none': '', ...annotations })
    .filter(([key]) => key !== 'x-none')
    .map(([key, value]) => `    nginx.ingress.kubernetes.io/${key}: ${JSON.stringify(value)}\n`);
  const backend = `{service: {name: ${service}, port: {number: 80}}}`;
  const items = paths.map((each) => {
    const [path = '', pathType = 'Prefix'] = each.split(' ');
    return `{path: ${JSON.stringify(path)}, pathType: ${pathType}, backend: ${backend}}`;
  });
  return `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  annotations:
    kubernetes.io/ingress.class: nginx
${lines.join('')}spec:
  rules: [{host: "${host}", http: {paths: [${items.join(', ')}]}}]
${spec === '' ? '' : `  ${spec}\n`}`;
}

/** A Service with one port. */
export function kubernetesService(name: string, port = 80): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: ${port}}]}
`;
}

/** The routes of `a.com` for one Ingress. */
export function routesFor(annotations: Record<string, string>, parts?: IngressParts): HttpRoute[] {
  const made = annotated(ingress(annotations, parts));
  return [...(made.routes.get(parts?.host ?? 'a.com') ?? [])];
}

/** `line code message` of each finding. */
export function said({ findings }: Annotated): string[] {
  return findings.map(({ line, code, message }) => `${line} ${code} ${message}`);
}
