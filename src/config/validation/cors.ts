/** The CORS policy of an HTTP rule. */

import { parseDuration } from '../../base/duration.ts';
import type { Path, Problems } from '../problem.ts';
import type { CorsPolicy } from '../schema/cors-policy.ts';
import { checkCorsHeader } from './headers.ts';
import { checkDuration, checkStringMatch, isWhole } from './values.ts';

const methods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
]);

export function checkCors(cors: CorsPolicy, path: Path, problems: Problems): void {
  for (const [index, origin] of (cors.allowOrigins ?? []).entries()) {
    const place = [...path, 'allowOrigins', index];
    const text = origin.exact ?? origin.prefix ?? origin.regex ?? '';
    if (text === '') problems.invalid(place, 'an allowed origin must not be empty');
    else checkStringMatch(origin, place, problems);
  }
  for (const [index, method] of (cors.allowMethods ?? []).entries()) {
    if (methods.has(method)) continue;
    const place = [...path, 'allowMethods', index];
    const upper = method.toUpperCase();
    const hint = methods.has(upper) ? `did you mean "${upper}"?` : null;
    problems.invalid(place, `"${method}" is not an HTTP method`, hint);
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [index, name] of (cors[field] ?? []).entries()) {
      checkCorsHeader(name, [...path, field, index], problems);
    }
  }
  checkDuration(cors.maxAge, [...path, 'maxAge'], problems);
  if (cors.maxAge !== undefined && !isWhole((parseDuration(cors.maxAge) ?? 0) / 1000)) {
    problems.invalid(
      [...path, 'maxAge'],
      `maxAge must be a whole number of seconds: ${cors.maxAge}`,
    );
  }
}
