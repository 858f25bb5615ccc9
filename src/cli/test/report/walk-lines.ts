/** One walk in a few lines: where it came in, which routes or filter chains it missed, and its own. */

import type { ConnectionExplanation } from '../../../explain/connection-explanation.ts';
import type { RouteDescription } from '../../../explain/descriptions.ts';
import type { ConsideredFilterChain } from '../../../explain/explained-entry.ts';
import type { ExplainedMismatch, Explanation } from '../../../explain/explanation.ts';
import { originPlace } from '../../../model/origin.ts';

/** Routes before the one that matches; of many the last ones are the most telling. */
const maxRejected = 10;

export function walkLines(explanation: Explanation | ConnectionExplanation): string[] {
  return 'connection' in explanation ? linesOfConnection(explanation) : linesOfRequest(explanation);
}

function linesOfConnection({ listener, filterChains, outcome }: ConnectionExplanation): string[] {
  const losers = filterChains.filter(({ chosen }) => !chosen);
  const chosen = filterChains.find((one) => one.chosen);
  const lines = losers.slice(-maxRejected).map((one) => `  not ${chainText(one)}`);
  const end = chosen === undefined ? connectionEndings[outcome] : `then ${chainText(chosen)}`;
  const but =
    chosen !== undefined && outcome === 'no-certificate' ? [`  but ${noCertificate}`] : [];
  return [`listener ${listener}`, ...lines, `  ${end}`, ...but];
}

const noCertificate = 'TLS has no certificate to show: the connection is closed';

const connectionEndings: Readonly<Record<ConnectionExplanation['outcome'], string>> = {
  forwarded: 'it is passed on',
  http: 'it is read as HTTP',
  closed: 'no filter chain takes it (NR)',
  'handshake-failed': 'TLS does not let the client in',
  'no-certificate': noCertificate,
};

function chainText({ name, reason, origin }: ConsideredFilterChain): string {
  const place = originPlace(origin);
  return `${place === '' ? `"${name}"` : `"${name}" ${place}`}: ${reason}`;
}

function linesOfRequest(explanation: Explanation): string[] {
  const { listener, virtualHost, rejected, matched, outcome } = explanation;
  const host = virtualHost === null ? 'no virtual host' : `virtual host ${virtualHost.name}`;
  const lines = [`listener ${listener}, ${host}`];
  const hidden = rejected.length - maxRejected;
  if (hidden > 0) lines.push(`  ${hidden} routes before do not match`);
  for (const { route, mismatches } of rejected.slice(-maxRejected)) {
    lines.push(`  not ${routeText(route)}: ${mismatches.map(mismatchText).join('; ')}`);
  }
  if (matched === null) lines.push(`  ${endings[outcome]}`);
  else lines.push(`  then ${routeText(matched)}: ${matched.match.join(', ')}`);
  if (matched !== null && outcome === 'no-certificate') lines.push(`  but ${noCertificate}`);
  return lines;
}

const endings: Readonly<Record<Explanation['outcome'], string>> = {
  forwarded: 'it is sent on',
  redirected: 'it is redirected',
  answered: 'it is answered',
  'redirected-to-https': 'it is redirected to https (301)',
  'not-found': 'no route matches (404)',
  'cluster-not-found': 'its cluster does not exist (NC)',
  refused: 'its path is refused (400)',
  denied: 'its route does not serve it',
  'handshake-failed': 'TLS does not let the client in',
  'no-certificate': noCertificate,
};

function routeText({ name, position, origin }: RouteDescription): string {
  const place = originPlace(origin);
  const title = name === '' ? `route #${position + 1}` : `"${name}"`;
  return place === '' ? title : `${title} ${place}`;
}

function mismatchText({ part, name, expected, actual }: ExplainedMismatch): string {
  const subject = name.startsWith(':') ? name.slice(1) : `${part.replace('-', ' ')} ${name}`.trim();
  const found = actual === null ? 'absent' : actual.map((value) => `"${value}"`).join(' and ');
  return `${subject} is ${found}, not ${expected}`;
}
