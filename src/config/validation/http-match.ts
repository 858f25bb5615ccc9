/** Conditions of HTTP rules. */

import type { Path, Problems } from '../problem.ts';
import type { StringMatch } from '../schema/shared.ts';
import type { HttpMatchRequest } from '../schema/virtual-service.ts';
import { checkPort } from './addresses.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { checkMatchedHeader } from './headers.ts';
import { checkLabels, isDnsLabel } from './labels.ts';
import { checkPattern, checkStringMatch } from './values.ts';

export function checkHttpMatch(match: HttpMatchRequest, path: Path, problems: Problems): void {
  // An empty uri prefix matches everything; elsewhere Envoy refuses it.
  if (match.uri?.regex !== undefined) {
    checkPattern(match.uri.regex, [...path, 'uri', 'regex'], problems);
  }
  for (const field of ['scheme', 'method', 'authority'] as const) {
    const value = match[field];
    if (value !== undefined) checkStringMatch(value, [...path, field], problems);
  }
  checkHeaderMatches(match, path, problems);
  for (const [name, value] of Object.entries(match.queryParams ?? {})) {
    checkStringMatch(value, [...path, 'queryParams', name], problems);
  }
  checkClient(match, path, problems);
}

function checkHeaderMatches(match: HttpMatchRequest, path: Path, problems: Problems): void {
  for (const field of ['headers', 'withoutHeaders'] as const) {
    for (const [name, value] of Object.entries(match[field] ?? {})) {
      const place = [...path, field, name];
      checkMatchedHeader(name, place, problems);
      if (!isPresence(field, value)) checkStringMatch(value, place, problems);
    }
  }
}

/** `withoutHeaders: {x: {regex: "*"}}` is an old way to say that x must be absent. */
function isPresence(field: 'headers' | 'withoutHeaders', value: StringMatch): boolean {
  return field === 'withoutHeaders' && value.regex === '*';
}

function checkClient(match: HttpMatchRequest, path: Path, problems: Problems): void {
  if (match.port !== undefined && match.port !== 0) {
    checkPort(match.port, [...path, 'port'], problems);
  }
  checkLabels(match.sourceLabels, [...path, 'sourceLabels'], problems);
  checkGatewayNames(match.gateways, [...path, 'gateways'], problems);
  const namespace = match.sourceNamespace ?? '';
  if (namespace !== '' && !isDnsLabel(namespace)) {
    problems.invalid([...path, 'sourceNamespace'], `"${namespace}" is not a namespace`);
  }
}
