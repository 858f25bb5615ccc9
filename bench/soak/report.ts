/** The result of a soak as text and as JSON. */

import type { Judgement } from './judge.ts';
import { mib, type SoakOutcome } from './soak.ts';

export function renderReport(outcome: SoakOutcome, judgements: readonly Judgement[]): string {
  const { ledger, seconds, rate, cpuShare, heldBack, flaps, echoed } = outcome;
  const width = Math.max(...judgements.map(({ name }) => name.length));
  const lines = judgements.map(
    ({ name, ok, text }) => `${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(width)}  ${text}`,
  );
  const facts =
    `${Math.round(seconds)} s at ${rate} requests a second, ${Math.round(100 * cpuShare)} % of a ` +
    `core: ${ledger.answered} answered, ${ledger.aborted} left, ${ledger.cutOff} cut by their ` +
    `endpoint, ${heldBack} not sent for want of clients, ${flaps} failures of endpoints, ` +
    `${ledger.shown} generations, ${echoed} WebSocket messages`;
  const examples = [...ledger.examples, ...outcome.complaints.slice(0, 20)];
  return [...lines, '', facts, ...examples.map((text) => `  ${text}`)].join('\n');
}

export function resultOf(outcome: SoakOutcome, judgements: readonly Judgement[]): unknown {
  const { ledger, ...rest } = outcome;
  const { answered, aborted, cutOff, scriptedFailures, shown, examples } = ledger;
  return {
    node: process.version,
    ok: judgements.every(({ ok }) => ok),
    judgements,
    ...rest,
    samples: outcome.samples.map(({ heap, external, resident }) => ({
      ...{ heap: mib(heap), external: mib(external), resident: mib(resident) },
    })),
    ...{ answered, aborted, cutOff, scriptedFailures, generations: shown, examples },
  };
}
