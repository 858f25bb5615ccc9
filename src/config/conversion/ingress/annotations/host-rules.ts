/** Rules beside those of the paths: `/` of a host, the host with and without `www.`, its aliases. */

import type { HttpRoute } from '../../../schema/virtual-service.ts';
import type { IngressRule } from '../ingress-rule.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import type { IngressOptions } from './ingress-options.ts';
import { keepMethodCode } from './redirects.ts';

export interface OwnedRule {
  readonly rule: IngressRule;
  /** null: an Ingress that has nothing to do with nginx. */
  readonly options: IngressOptions | null;
}

/** Before everything else of the host. */
const beforeAll = { length: Number.MAX_SAFE_INTEGER, isExact: true };

/** Where `/` of a host is sent; the first Ingress of the host decides. */
export function appRootRules(rules: readonly OwnedRule[]): IngressRule[] {
  const made = new Map<string, IngressRule>();
  for (const { rule, options } of rules) {
    const root = options?.redirects.appRoot ?? null;
    if (options === null || root === null || made.has(rule.host)) continue;
    const place = placeAt(options.reader, 'app-root');
    made.set(rule.host, { ...rule, routes: [root], precedence: beforeAll, ...place });
  }
  return [...made.values()];
}

/** Nothing where the other host has rules of its own. */
export function wwwRules(rules: readonly OwnedRule[]): IngressRule[] {
  const made = new Map(rules.map(({ rule }) => [rule.host, null as IngressRule | null]));
  for (const { rule, options } of rules) {
    if (options?.redirects.fromToWww !== true || rule.host.includes('*')) continue;
    const host = rule.host.startsWith('www.') ? rule.host.slice(4) : `www.${rule.host}`;
    if (made.has(host)) continue;
    const routes: HttpRoute[] = [
      { redirect: { authority: rule.host, redirectCode: keepMethodCode } },
    ];
    const place = placeAt(options.reader, 'from-to-www-redirect');
    made.set(host, { ...rule, host, routes, precedence: beforeAll, ...place });
  }
  return [...made.values()].filter((rule) => rule !== null);
}

/** All rules of the first host of an Ingress, those of other Ingresses too, for each alias. */
export function aliasRules(
  rules: readonly IngressRule[],
  owned: readonly OwnedRule[],
): IngressRule[] {
  const hosts = new Set(rules.map(({ host }) => host));
  const named = new Map<string, string>();
  const made: IngressRule[] = [];
  const seen = new Set<IngressOptions>();
  for (const { rule, options } of owned) {
    if (options === null || seen.has(options)) continue;
    seen.add(options);
    for (const alias of options.aliases) {
      // Another Ingress of the host may say the same.
      if (named.get(alias) === rule.host) continue;
      if (hosts.has(alias) || named.has(alias)) {
        options.reader.refuse('server-alias', `${alias} has rules of its own`, 'it is left out');
        continue;
      }
      named.set(alias, rule.host);
      const same = rules.filter(({ host }) => host === rule.host);
      made.push(...same.map((each) => ({ ...each, host: alias })));
    }
  }
  return made;
}

function placeAt(reader: AnnotationReader, name: string): Pick<IngressRule, 'placeOf'> {
  return { placeOf: () => ({ resource: reader.ingress, path: reader.pathOf(name) }) };
}
