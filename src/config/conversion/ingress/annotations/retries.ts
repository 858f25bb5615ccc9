/** proxy-next-upstream and -tries: when a request is tried with another endpoint. */

import type { HttpRetry } from '../../../schema/http-retry.ts';
import type { AnnotationReader } from './annotation-reader.ts';

export interface Retries {
  readonly policy: HttpRetry;
  /**
   * For POST, LOCK and PATCH, which are not repeated once they may have been received; null: the
   * same.
   */
  readonly unsafePolicy: HttpRetry | null;
}

/** nginx knows them as not idempotent. */
export const unsafeMethods = 'POST|LOCK|PATCH';

const beforeRequest = ['connect-failure', 'refused-stream'];

/** In the words of Istio's retryOn. */
const conditions: Readonly<Record<string, readonly string[]>> = {
  error: [...beforeRequest, 'reset'],
  timeout: beforeRequest,
  invalid_header: ['reset'],
  http_500: ['500'],
  http_502: ['502'],
  http_503: ['503'],
  http_504: ['504'],
  http_403: ['403'],
  http_404: ['404'],
  http_429: ['429'],
  off: [],
};

const defaultTries = 3;
/** 0 means as many tries as there are endpoints. */
const mostTries = 10;

/** null: neither annotation is there. */
export function readRetries(reader: AnnotationReader): Retries | null {
  const name = 'proxy-next-upstream';
  const tries = reader.integer(`${name}-tries`, { min: 0, max: 100 });
  const written = reader.text(name);
  if (tries === null && written === null) return null;
  const words = (written ?? 'error timeout').split(/\s+/);
  const wrong = words.find((word) => word !== 'non_idempotent' && !Object.hasOwn(conditions, word));
  if (wrong !== undefined) {
    const known = [...Object.keys(conditions), 'non_idempotent'].join(', ');
    reader.refuse(name, `"${wrong}" is none of ${known}`);
    return null;
  }
  const attempts = (tries === 0 ? mostTries : (tries ?? defaultTries)) - 1;
  const retryOn = [...new Set(words.flatMap((word) => conditions[word] ?? []))];
  if (retryOn.length === 0 || words.includes('off') || attempts === 0) {
    return { policy: { attempts: 0 }, unsafePolicy: null };
  }
  const policy = { attempts, retryOn: retryOn.join(',') };
  const early = retryOn.filter((condition) => beforeRequest.includes(condition));
  const isSame = words.includes('non_idempotent') || early.length === retryOn.length;
  return { policy, unsafePolicy: isSame ? null : unsafePolicy(early, attempts) };
}

function unsafePolicy(early: readonly string[], attempts: number): HttpRetry {
  return early.length === 0 ? { attempts: 0 } : { attempts, retryOn: early.join(',') };
}
