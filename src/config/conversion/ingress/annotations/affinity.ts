/** affinity and session-cookie-*: a client stays with its endpoint by a cookie. */

import type { ConsistentHash } from '../../../schema/load-balancer.ts';
import type { AnnotationReader } from './annotation-reader.ts';

export interface Affinity {
  /** Its cookie has no path where the Ingress names none: that of each rule counts. */
  readonly hash: ConsistentHash;
  /** Clients stay with a canary, or with what it is a canary of, too. */
  readonly coversCanaries: boolean;
}

const defaultName = 'INGRESSCOOKIE';
const sameSite = ['Strict', 'Lax', 'None'] as const;

export function readAffinity(reader: AnnotationReader): Affinity | null {
  if (reader.choice('affinity', ['cookie']) === null) return null;
  // A ring moves few clients when endpoints come; that none moves cannot be had.
  reader.choice('affinity-mode', ['balanced', 'persistent']);
  const behaviour = reader.choice('affinity-canary-behavior', ['sticky', 'legacy']);
  const path = reader.cookieValue('session-cookie-path');
  return {
    hash: {
      httpCookie: {
        name: reader.token('session-cookie-name') ?? defaultName,
        ...(path === null ? {} : { path }),
        ttl: `${readLife(reader)}s`,
        attributes: readAttributes(reader),
      },
    },
    coversCanaries: behaviour !== 'legacy',
  };
}

/** Seconds; 0: until the browser ends. Both names mean the same to a browser. */
function readLife(reader: AnnotationReader): number {
  const life = reader.integer('session-cookie-max-age', { min: 0 });
  return life ?? reader.integer('session-cookie-expires', { min: 0 }) ?? 0;
}

function readAttributes(reader: AnnotationReader): { name: string; value?: string }[] {
  const site = reader.choice('session-cookie-samesite', sameSite);
  const domain = reader.cookieValue('session-cookie-domain');
  return [
    ...(domain === null ? [] : [{ name: 'Domain', value: domain }]),
    ...(site === null ? [] : [{ name: 'SameSite', value: site }]),
    ...(reader.flag('session-cookie-secure', false) ? [{ name: 'Secure' }] : []),
  ];
}
