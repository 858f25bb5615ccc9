/** What a soak must show: each judgement has a name, and says what was seen and what is allowed. */

import type { FaultName } from './ledger.ts';
import { firstVersionShare } from './rules.ts';
import type { SoakOutcome } from './soak.ts';

export interface Judgement {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, and the bar. */
  readonly text: string;
}

/** Of means, standard errors: chance goes beyond once in a million runs. */
const shareSigmas = 5;

/** Of checks of health and of a change of files that is looked at; they come and go. */
const passingTimers = 4;

const faultNames: readonly FaultName[] = [
  ...(['wrong id', 'wrong body', 'wrong endpoint', 'wrong generation', 'unscripted 5xx'] as const),
  ...(['wrong status', 'no whole answer', 'upload changed', 'WebSocket failed'] as const),
];

/** Facts: they do not depend on how fast or how long it was. */
export function judgeFacts(outcome: SoakOutcome): readonly Judgement[] {
  const { ledger, unanswered, wrongUploads, exitCode, complaints } = outcome;
  return [
    ...faultNames.map((name) => zero(name, ledger.faults.get(name) ?? 0)),
    zero('requests without an end', unanswered),
    zero('uploads that came changed', wrongUploads),
    ...judgeShares(outcome),
    ...judgeQuiet(outcome),
    zero('errors in the log', complaints.length),
    is('exit code after SIGTERM', exitCode === 0, `${exitCode}`),
    ...judgeSomething(outcome),
  ];
}

/** Of what was due, what may be missing: beyond it the machine was too busy. */
const mostNotSent = 0.02;

/** That the load was what it was to be. */
export function judgeLoad({ ledger, notSent }: SoakOutcome): readonly Judgement[] {
  const share = notSent / (ledger.sent + notSent);
  const text = `${(100 * share).toFixed(1)} % not sent, at most ${100 * mostNotSent} %`;
  return [is('the whole load was sent', share <= mostNotSent, text)];
}

/** The pipes of a process that reads configuration end when it has been idle for 10 s. */
export function judgeFiles({ before, after }: SoakOutcome): readonly Judgement[] {
  return [listed('open files', before.openFiles, after.openFiles)];
}

/** As many as before; otherwise those that are new are named. */
function listed(name: string, before: readonly string[], after: readonly string[]): Judgement {
  const fresh = after.filter((one) => !before.includes(one));
  const ok = after.length <= before.length;
  const text = `${after.length}, at most ${before.length}${ok ? '' : `; new: ${fresh.join('; ')}`}`;
  return { name, ok, text };
}

function judgeShares({ ledger }: SoakOutcome): readonly Judgement[] {
  const { preferred, others } = ledger;
  const total = preferred + others;
  const wanted = firstVersionShare(0) / 100;
  const share = preferred / total;
  const allowed = shareSigmas * Math.sqrt((wanted * (1 - wanted)) / total);
  const text = `${(100 * share).toFixed(2)} %, of ${100 * wanted} ± ${(100 * allowed).toFixed(2)} %`;
  return [is('share of the preferred version', Math.abs(share - wanted) <= allowed, text)];
}

function judgeQuiet({ before, after }: SoakOutcome): readonly Judgement[] {
  return [
    ...Object.entries(after.active).map(([name, value]) => zero(`${name} at the end`, value)),
    listed('TCP sockets', before.tcpSockets, after.tcpSockets),
    ...Object.keys(after.living).map((name) => {
      const allowed = name === 'Timeout' ? passingTimers : 0;
      const [was = 0, is = 0] = [before.living[name], after.living[name]];
      return notMore(`living ${name}`, was + allowed, is);
    }),
  ];
}

/** That all of it has happened: otherwise the rest says nothing. */
function judgeSomething(outcome: SoakOutcome): readonly Judgement[] {
  const { ledger, flaps, echoed } = outcome;
  const counts = {
    'requests answered': ledger.answered,
    'clients that left': ledger.aborted,
    'scripted failures': ledger.scriptedFailures,
    'endpoints that failed': flaps,
    'WebSocket messages': echoed,
    'generations served': ledger.shown,
  };
  return Object.entries(counts).map(([name, count]) => is(name, count > 0, String(count)));
}

function is(name: string, ok: boolean, text: string): Judgement {
  return { name, ok, text };
}

function zero(name: string, count: number): Judgement {
  return { name, ok: count === 0, text: String(count) };
}

function notMore(name: string, allowed: number, after: number): Judgement {
  return { name, ok: after <= allowed, text: `${after}, at most ${allowed}` };
}
