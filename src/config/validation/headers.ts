/** Header names and values that routes match and change. */

import { isFieldName } from '../../http1/field-syntax.ts';
import { framingFields } from '../../http1/framing-fields.ts';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { Headers } from '../schema/virtual-service.ts';
import { checkAuthorityText } from './head-text.ts';
import { headerValueMistake } from './header-value.ts';

const headerName = /^[-_A-Za-z0-9]+$/;
const claimName = /^@request\.auth\.claims(?:[.-][\w.-]+|(?:\[[^\]]+\])+)$/;
const pseudoHeaders = new Set([':method', ':authority', ':scheme', ':path']);

/** `@request.auth.claims.groups` matches a claim of the token, not a header. */
export function isClaimName(name: string): boolean {
  return claimName.test(name);
}

export function checkMatchedHeader(name: string, path: Path, problems: Problems): void {
  if (headerName.test(name) || isClaimName(name) || pseudoHeaders.has(name)) return;
  problems.invalid(
    path,
    name === '' ? 'a header name must not be empty' : `"${name}" is not a header name`,
  );
}

/** Names in CORS lists may be `*`. */
export function checkCorsHeader(name: string, path: Path, problems: Problems): void {
  if (name === '*' || headerName.test(name)) return;
  problems.invalid(
    path,
    name === '' ? 'a header name must not be empty' : `"${name}" is not a header name`,
  );
}

export function isAuthorityHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === ':authority' || lower === 'host';
}

export function checkHeaderOperations(
  headers: Headers | undefined,
  path: Path,
  problems: Problems,
): void {
  for (const side of ['request', 'response'] as const) {
    const operations = headers?.[side];
    for (const verb of ['set', 'add'] as const) {
      for (const [name, value] of Object.entries(operations?.[verb] ?? {})) {
        const place = [...path, side, verb, name];
        if (side === 'request' && isAuthorityHeader(name)) {
          checkAuthorityText(value, place, problems);
        } else checkChangedHeader(name, place, problems);
        const mistake = headerValueMistake(value);
        if (mistake !== null)
          problems.invalid(place, `the value of header "${name}" is not valid: ${mistake}`);
      }
    }
    for (const [index, name] of (operations?.remove ?? []).entries()) {
      checkChangedHeader(name, [...path, side, 'remove', index], problems);
    }
  }
}

function checkChangedHeader(name: string, path: Path, problems: Problems): void {
  if (name === '') problems.invalid(path, 'a header name must not be empty');
  else if (name.toLowerCase() === 'host')
    problems.invalid(path, 'the Host header cannot be changed here');
  else if (name.startsWith(':')) problems.invalid(path, `the header "${name}" cannot be changed`);
  else if (!isFieldName(name)) problems.invalid(path, `"${name}" is not a header name`);
  else if (framingFields.has(name.toLowerCase())) {
    const message = `a rule for the header "${name}" has no effect: the proxy itself writes it`;
    problems.add({ code: findingCode.noEffect, path, at: 'value', message, hint: null });
  }
}
