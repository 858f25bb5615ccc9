/** An explanation for people: the way from top to bottom, each step with its place in the files. */

import type { ExplainedMismatch, Explanation, RejectedRoute } from '../../explain/explanation.ts';
import { type Paint, painter } from '../output/color.ts';
import { printableLine } from '../output/printable.ts';
import { describeOutcome } from './describe-outcome.ts';
import { place, policyLines } from './policy-lines.ts';
import { filterChainLines, listenerLines, mark, tlsLines } from './render-entry.ts';
import { targetLines, upstreamLines } from './render-target.ts';

export interface ExplanationView {
  readonly color: boolean;
  /** Of a running proxy: the health of endpoints is known. */
  readonly isLive: boolean;
}

export function renderExplanation(explanation: Explanation, view: ExplanationView): string {
  const paint = painter(view.color);
  const sections: readonly (readonly string[])[] = [
    requestLines(explanation, paint),
    listenerLines(explanation.listeners, explanation.filterChain || null, paint),
    hasChoice(explanation) ? filterChainLines(explanation, paint) : [],
    tlsLines(explanation, paint),
    explanation.outcome === 'handshake-failed' ? [] : hostLines(explanation, paint),
    routeLines(explanation, paint),
    policySection(explanation, paint),
    targetLines(explanation, { paint, isLive: view.isLive, loss: 'answered' }),
    upstreamLines(explanation, paint),
  ];
  const filled = sections.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** Where all requests of a listener have one filter chain, it says nothing of them. */
function hasChoice({ filterChains }: Explanation): boolean {
  return filterChains.filter(({ kind }) => kind === 'http').length > 1;
}

function requestLines(explanation: Explanation, paint: Paint) {
  const { method, scheme, authority, path } = explanation.request;
  const request = printableLine(`${method} ${scheme}://${authority}${path}`);
  const { text, style } = describeOutcome(explanation);
  return [paint('bold', request), `  ${paint(style, printableLine(text))}`];
}

function hostLines(
  { virtualHost, lostVirtualHosts, routeTable, request }: Explanation,
  paint: Paint,
) {
  const lines = [
    `${paint('bold', 'Virtual host')} of the route table ${routeTable ?? 'that is missing'}`,
  ];
  if (virtualHost === null) {
    return [
      ...lines,
      `  ${mark(false, paint)} none has a domain for ${printableLine(request.authority)}`,
    ];
  }
  const { name, domain, origin } = virtualHost;
  const found = printableLine(`${name}, by its domain ${domain}`);
  lines.push(`  ${mark(true, paint)} ${found}${place(origin, paint)}`);
  for (const lost of lostVirtualHosts) {
    const text = printableLine(`${lost.name}, by ${lost.domain}: ${lost.reason}`);
    lines.push(`  ${mark(false, paint)} ${text}${place(lost.origin, paint)}`);
  }
  return lines;
}

function routeLines({ rejected, matched, virtualHost, outcome }: Explanation, paint: Paint) {
  if (virtualHost === null || outcome === 'redirected-to-https') return [];
  const lines = [`${paint('bold', 'Routes')} in order`];
  for (const { route, mismatches } of rejected) {
    lines.push(routeLine(route, false, paint));
    for (const mismatch of mismatches) lines.push(`      ${describeMismatch(mismatch, paint)}`);
  }
  if (matched === null) return [...lines, `  ${mark(false, paint)} there is no further route`];
  lines.push(routeLine(matched, true, paint));
  return [...lines, ...matched.match.map((condition) => `      ${printableLine(condition)}`)];
}

function routeLine(
  { position, name, origin, action, status }: RejectedRoute['route'],
  isMatch: boolean,
  paint: Paint,
): string {
  const text = printableLine(name === '' ? `#${position + 1}` : `#${position + 1} ${name}`);
  // An Ingress has a path twice that leads to https: what each does tells them apart.
  const does = action === 'redirect' ? `: redirects with ${status}` : '';
  const title = isMatch ? paint('bold', text) : text;
  return `  ${mark(isMatch, paint)} ${title}${does}${place(origin, paint)}`;
}

function describeMismatch({ part, name, expected, actual }: ExplainedMismatch, paint: Paint) {
  const kind = part === 'query-parameter' ? 'query' : part;
  const what = name.startsWith(':') ? name.slice(1) : `${kind} ${name}`.trim();
  const has =
    actual === null
      ? 'the request has none'
      : `it is ${actual.map((one) => `"${one}"`).join(', ')}`;
  return `${printableLine(`${what} is to be ${expected};`)} ${paint('yellow', printableLine(has))}`;
}

function policySection({ policy }: Explanation, paint: Paint): string[] {
  if (policy.length === 0) return [];
  return [`${paint('bold', 'Policy')} of the route`, ...policyLines(policy, paint, '  ')];
}
