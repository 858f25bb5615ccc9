/** Where the parts of a rule that annotations make are written. */

import type { Path } from '../../../problem.ts';
import type { WrittenPlace } from '../../../resource.ts';
import type { IngressRule } from '../ingress-rule.ts';
import type { IngressOptions } from './ingress-options.ts';

/** Fields of a route and the annotations that they may come from. */
const annotationsOf: Readonly<Record<string, readonly string[]>> = {
  redirect: ['temporal-redirect', 'permanent-redirect', 'force-ssl-redirect', 'ssl-redirect'],
  directResponse: ['temporal-redirect', 'permanent-redirect'],
  rewrite: ['rewrite-target', 'upstream-vhost'],
  headers: ['x-forwarded-prefix', 'temporal-redirect', 'permanent-redirect'],
  corsPolicy: ['enable-cors'],
  retries: ['proxy-next-upstream', 'proxy-next-upstream-tries'],
  mirrors: ['mirror-target'],
  idleTimeoutMs: ['proxy-read-timeout'],
  sendTimeoutMs: ['proxy-send-timeout'],
  maxRequestBytes: ['proxy-body-size'],
  rateLimits: ['limit-rps', 'limit-rpm'],
  concurrencyLimits: ['limit-connections'],
  sourceIps: ['allowlist-source-range', 'whitelist-source-range', 'denylist-source-range'],
  errorResponses: ['custom-http-errors', 'default-backend'],
};

/** `canary`: the rule whose backend is the second destination. */
export function annotatedPlace(
  rule: IngressRule,
  { reader }: IngressOptions,
  canary: IngressRule | null,
): (path: Path) => WrittenPlace {
  return (path) => {
    const [field, index] = path;
    if (field === 'route' && index === 1 && canary !== null) {
      return canary.placeOf(['route', 0, ...path.slice(2)]);
    }
    // What VirtualService has no field for is named below the extension.
    const made = field === 'extension' ? index : field;
    const name = reader.nameOf(annotationsOf[String(made)] ?? []);
    if (name === null) return rule.placeOf(path);
    return { resource: reader.ingress, path: reader.pathOf(name) };
  };
}
