/** When and how often an HTTP rule, or the mesh, tries requests again. */

import { http } from '../../base/node-http.ts';
import { retryConditions } from '../../model/retry-policy.ts';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { HttpRetry } from '../schema/http-retry.ts';
import { checkDuration } from './values.ts';

/** Valid words that change nothing, and why. */
const idleConditions: ReadonlyMap<string, string> = new Map([
  ['retriable-headers', 'no field of Istio names the headers'],
  ['http3-post-connect-failure', 'endpoints are not spoken to in HTTP/3'],
]);

const conditions: ReadonlySet<string> = new Set([...retryConditions, ...idleConditions.keys()]);

export function checkRetries(retries: HttpRetry, path: Path, problems: Problems): void {
  const { attempts = 0, retryOn = '', perTryTimeout, backoff, retryRemoteLocalities } = retries;
  if (attempts < 0) problems.invalid([...path, 'attempts'], 'attempts must not be negative');
  const isConfigured =
    perTryTimeout !== undefined || retryOn !== '' || retryRemoteLocalities !== undefined;
  if (attempts === 0 && isConfigured) {
    const hint = 'set attempts, or remove the other fields';
    problems.invalid(
      path,
      'attempts is 0, which switches retries off, but retries are configured',
      hint,
    );
  }
  checkDuration(perTryTimeout, [...path, 'perTryTimeout'], problems);
  checkDuration(backoff, [...path, 'backoff'], problems);
  if (retryOn !== '') checkRetryOn(retryOn, [...path, 'retryOn'], problems);
}

function checkRetryOn(retryOn: string, path: Path, problems: Problems): void {
  for (const word of retryOn.split(',')) {
    const idle = idleConditions.get(word);
    if (idle !== undefined) {
      const message = `"${word}" has no effect: ${idle}`;
      problems.add({ code: findingCode.noEffect, path, at: 'value', message, hint: null });
    }
    if (isRetryWord(word)) continue;
    const hint = isRetryWord(word.trim())
      ? 'remove the blanks around it'
      : `one of ${[...conditions].join(', ')}, or a status code`;
    problems.invalid(path, `"${word}" is not a retry condition`, hint);
  }
}

/** Istio takes only numbers that are registered status codes. */
function isRetryWord(word: string): boolean {
  return conditions.has(word) || (/^\d+$/.test(word) && word in http.STATUS_CODES);
}
