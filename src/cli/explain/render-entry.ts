/** Where something comes in, for people: listener, filter chain, and what TLS makes of the client. */

import type { ConsideredListener } from '../../explain/explained-entry.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { Paint } from '../output/color.ts';
import { printableLine } from '../output/printable.ts';
import { place } from './policy-lines.ts';

export function listenerLines(
  listeners: readonly ConsideredListener[],
  filterChain: string | null,
  paint: Paint,
): string[] {
  const lines = [paint('bold', 'Listener')];
  const ordered = [...listeners].sort((a, b) => Number(b.chosen) - Number(a.chosen));
  for (const { name, chosen, reason, origin } of ordered) {
    const chain = chosen && filterChain !== null ? `, filter chain ${filterChain}` : '';
    lines.push(
      `  ${mark(chosen, paint)} ${printableLine(`${name}${chain}: ${reason}`)}${place(origin, paint)}`,
    );
  }
  return lines;
}

type Entry = Pick<Explanation, 'filterChains' | 'tls'>;

/** Others than the chosen one that are shown: a gateway may have hundreds. */
const maxLosers = 12;

export function filterChainLines({ filterChains }: Entry, paint: Paint): string[] {
  const losers = filterChains.filter(({ chosen }) => !chosen);
  const shown = new Set(losers.slice(0, maxLosers));
  const hidden = losers.length - shown.size;
  return [
    paint('bold', 'Filter chains of the listener'),
    ...filterChains
      .filter((one) => one.chosen || shown.has(one))
      .map(({ name, chosen, reason, origin }) => {
        const whose =
          origin === null ? '' : ` of ${origin.kind} ${origin.namespace}/${origin.name}`;
        const text = printableLine(`${name}${whose}: ${reason}`);
        return `  ${mark(chosen, paint)} ${text}${place(origin, paint)}`;
      }),
    ...(hidden === 0 ? [] : [`  and ${hidden} more that do not take it`]),
  ];
}

/** Empty where TLS does not end here. */
export function tlsLines({ tls }: Entry, paint: Paint): string[] {
  if (tls === null) return [];
  const { clientCertificate, trustedCa, subjectAltNames, client, accepted, reason } = tls;
  const lines = [
    paint('bold', 'TLS of the client'),
    `  ${mark(accepted, paint)} ${printableLine(reason)}`,
  ];
  if (clientCertificate !== 'none') {
    if (trustedCa !== null) lines.push(`      signed by an authority of ${trustedCa}`);
    if (subjectAltNames.length > 0) lines.push(`      for ${subjectAltNames.join(' or ')}`);
  }
  if (client !== null) {
    const names = client.subjectAltNames.join(', ') || 'no name';
    lines.push(`      it shows ${client.subject || 'no subject'} (${names}) of ${client.issuer}`);
  }
  return lines.map((line) => (line.startsWith('      ') ? printableLine(line) : line));
}

export function mark(isChosen: boolean, paint: Paint): string {
  return isChosen ? paint('green', '✓') : paint('red', '✗');
}
