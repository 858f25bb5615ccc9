/** The explanation of a connection for people: the way from top to bottom. */

import type { ConnectionExplanation } from '../../explain/connection-explanation.ts';
import { type Paint, painter } from '../output/color.ts';
import { printableLine } from '../output/printable.ts';
import { describeConnectionOutcome } from './describe-outcome.ts';
import { policyLines } from './policy-lines.ts';
import { filterChainLines, listenerLines, tlsLines } from './render-entry.ts';
import type { ExplanationView } from './render-explanation.ts';
import { clusterLines, type TargetView } from './render-target.ts';

export function renderConnection(explanation: ConnectionExplanation, view: ExplanationView) {
  const paint = painter(view.color);
  const { listeners, filterChain } = explanation;
  const sections: readonly (readonly string[])[] = [
    connectionLines(explanation, paint),
    listenerLines(listeners, filterChain, paint),
    filterChainLines(explanation, paint),
    tlsLines(explanation, paint),
    policySection(explanation, paint),
    targetSection(explanation, { paint, isLive: view.isLive, loss: 'closed' }),
  ];
  const filled = sections.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function connectionLines(explanation: ConnectionExplanation, paint: Paint): string[] {
  const { host, port, serverName } = explanation.connection;
  const tls = serverName === null ? '' : `, TLS for ${serverName}`;
  const { text, style } = describeConnectionOutcome(explanation);
  return [paint('bold', printableLine(`TCP to ${host}:${port}${tls}`)), `  ${paint(style, text)}`];
}

function policySection({ policy }: ConnectionExplanation, paint: Paint): string[] {
  if (policy.length === 0) return [];
  return [`${paint('bold', 'Policy')} of the connection`, ...policyLines(policy, paint, '  ')];
}

function targetSection(
  { targets, originalDestination: destination }: ConnectionExplanation,
  view: TargetView,
): string[] {
  const lines = clusterLines(targets, view);
  if (!targets.some(({ discovery }) => discovery === 'original-dst')) return lines;
  const where = destination ?? 'not known, closed with the flag UH';
  return [...lines, `  original destination: ${printableLine(where)}`];
}
