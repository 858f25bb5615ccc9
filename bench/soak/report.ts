/** The result of a soak as text and as JSON. */

import type { Judgement } from './judge.ts';
import type { SoakOutcome } from './soak.ts';
import { percent, renderStandstill } from './text.ts';

export function renderReport(outcome: SoakOutcome, judgements: readonly Judgement[]): string {
  const { ledger, seconds, rate, proxyShare, loadShare, flaps, echoed } = outcome;
  const width = Math.max(...judgements.map(({ name }) => name.length));
  const lines = judgements.map(
    ({ name, ok, text }) => `${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(width)}  ${text}`,
  );
  const facts =
    `${Math.round(seconds)} s at ${rate} requests a second, ${percent(proxyShare)} of a core for ` +
    `the proxy and ${percent(loadShare)} for clients and endpoints: ${ledger.answered} answered, ` +
    `${ledger.aborted} left, ${ledger.cutOff} cut by their endpoint, ${outcome.notSent} not sent, ` +
    `the latest of the others ${outcome.latestMs} ms late, ${flaps} failures of endpoints, ` +
    `${ledger.shown} generations, ${echoed} WebSocket messages`;
  const standstills = outcome.standstills.map(renderStandstill);
  const examples = [...ledger.examples, ...outcome.complaints.slice(0, 20)];
  const details = [...examples, ...standstills, ...outcome.protections];
  return [...lines, '', facts, ...details.map((text) => `  ${text}`)].join('\n');
}

export function resultOf(outcome: SoakOutcome, judgements: readonly Judgement[]): unknown {
  const { ledger, ...rest } = outcome;
  const { answered, aborted, cutOff, scriptedFailures, shown, examples } = ledger;
  return {
    node: process.version,
    ok: judgements.every(({ ok }) => ok),
    judgements,
    ...rest,
    samples: outcome.samples.map(({ standstills: _, ...sample }) => sample),
    ...{ answered, aborted, cutOff, scriptedFailures, generations: shown, examples },
  };
}
