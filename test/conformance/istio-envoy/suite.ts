/** Plays a set of scenarios, some at a time, and compares each request with its recording. */

import { ChoiceRules } from './choice.ts';
import { compareRepeated } from './compare-repeated.ts';
import { compareSingle } from './compare-single.ts';
import { compareStats, type Stats } from './compare-stats.ts';
import { type Difference, differenceOf } from './differences.ts';
import { Comparison, levels, type Mismatch } from './mismatch.ts';
import { actualOutcome } from './outcome.ts';
import { fillPlaceholders, fillStrings } from './placeholders.ts';
import { type PlayedScenario, playScenario, type StartProxy } from './play.ts';
import { headersNamedInRules } from './proxy-config.ts';
import {
  type Outcome,
  type RequestSpec,
  type Scenario,
  tlsOf,
  unsupportedScenario,
} from './scenario.ts';

export interface RequestResult {
  readonly area: string;
  readonly scenario: string;
  /** Position in the scenario; -1 for the check that a configuration is refused. */
  readonly index: number;
  readonly label: string;
  /** Why it was not compared, or null. */
  readonly skipped: string | null;
  /** Set where we differ on purpose: such a row counts for no score, unless it names fields. */
  readonly difference: Difference | null;
  readonly mismatches: readonly Mismatch[];
}

export interface SuiteOptions {
  readonly jobs: number;
  readonly differences: readonly Difference[];
  /** Absent: sluice. */
  readonly startProxy?: StartProxy;
  /** Called after each scenario. */
  readonly onResult?: (results: readonly RequestResult[]) => void;
}

/** Results in the order of the scenarios. */
export async function runSuite(
  scenarios: readonly Scenario[],
  options: SuiteOptions,
): Promise<RequestResult[]> {
  const results = new Map<Scenario, RequestResult[]>();
  const again: Scenario[] = [];
  const runOne = async (scenario: Scenario): Promise<void> => {
    const own = await runScenario(scenario, options);
    results.set(scenario, own);
    if (own.some(mayBeChance) && own.every((result) => isFine(result) || mayBeChance(result))) {
      again.push(scenario);
    }
    options.onResult?.(own);
  };
  const queue = workUnits(scenarios);
  const worker = async (): Promise<void> => {
    for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
      for (const scenario of unit) await runOne(scenario);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  // Times and random shares get a second chance, with the machine to themselves.
  for (const scenario of again) {
    results.set(scenario, await runScenario(scenario, options));
  }
  return scenarios.flatMap((scenario) => results.get(scenario) ?? []);
}

/** Scenarios on fixed ports follow one another in one unit; the others stand alone. */
function workUnits(scenarios: readonly Scenario[]): Scenario[][] {
  const fixed = scenarios.filter((scenario) => scenario.fixed_ports === true);
  const free = scenarios.filter((scenario) => scenario.fixed_ports !== true);
  const units = free.map((scenario) => [scenario]);
  return fixed.length === 0 ? units : [fixed, ...units];
}

async function runScenario(
  scenario: Scenario,
  { differences, startProxy }: SuiteOptions,
): Promise<RequestResult[]> {
  const reason = unsupportedScenario(scenario);
  const row = (index: number, label: string) => ({
    area: scenario.area,
    scenario: scenario.name,
    index,
    label,
    skipped: null,
    difference: differenceOf(differences, { scenario: scenario.name, index }),
    mismatches: [],
  });
  if (reason !== null) {
    return scenario.requests.map((request, index) => ({
      ...row(index, labelOf(request)),
      skipped: reason,
    }));
  }
  const run = await playScenario(scenario, startProxy);
  const results: RequestResult[] = [];
  if (run.refusal !== null) {
    const mismatches = run.refusal.refused ? [] : [notRefused(run.refusal.detail)];
    results.push({ ...row(-1, 'configuration refused'), mismatches });
  }
  scenario.requests.forEach((request, index) => {
    const base = row(index, labelOf(request));
    const { skipped, mismatches } = compareRequest(scenario, run, index);
    const excused = base.difference?.fields ?? [];
    const counted = mismatches.filter(({ field }) => !excused.includes(field));
    results.push({ ...base, skipped, mismatches: counted });
  });
  return results;
}

function notRefused(detail: string): Mismatch {
  return { level: 1, field: 'analyze', expected: 'an error finding', actual: detail || 'none' };
}

function compareRequest(
  scenario: Scenario,
  run: PlayedScenario,
  index: number,
): Pick<RequestResult, 'skipped' | 'mismatches'> {
  const request = scenario.requests[index];
  if (run.startError !== null) {
    const mismatch = { field: 'start of the proxy', expected: 'ready', actual: run.startError };
    return { skipped: null, mismatches: levels.map((level) => ({ level, ...mismatch })) };
  }
  const played = run.played[index];
  if (request?.outcome === undefined || played === undefined || played.skipped !== null) {
    return { skipped: played?.skipped ?? 'no outcome was recorded', mismatches: [] };
  }
  if (request.background === true) return { skipped: null, mismatches: [] };
  if (played.stats !== null) {
    const comparison = new Comparison();
    const text = JSON.stringify(request.outcome.stats ?? {});
    const expected = JSON.parse(fillPlaceholders(text, run.ports)) as Stats;
    const include = request.stats?.include ?? '^(http|cluster|listener)\\.';
    const pair = { expected, actual: played.stats, scenario: scenario.name, include };
    compareStats(comparison, pair);
    return { skipped: null, mismatches: comparison.mismatches };
  }
  const comparing = {
    comparison: new Comparison(),
    request,
    expected: fillOutcome(request.outcome, run),
    actual: actualOutcome(played, run.logs),
    choice: new ChoiceRules(scenario, run),
    namedHeaders: headersNamedInRules(run.documents),
    logged: played.logged,
  };
  if (request.outcome.count !== undefined) compareRepeated(comparing, scenario);
  else compareSingle(comparing);
  return { skipped: null, mismatches: comparing.comparison.mismatches };
}

function fillOutcome(outcome: Outcome, run: PlayedScenario): Outcome {
  const limit = 300;
  const value = fillStrings(outcome, run.ports);
  if (value.response_body === undefined) return value;
  return { ...value, response_body: value.response_body.slice(0, limit) };
}

/** Times, counts of random draws, and sequences. */
const chanceFields = /^(elapsed_ms|attempt_|by_|upstream_hits|backend_sequence|status_sequence)/;

function mayBeChance({ mismatches }: RequestResult): boolean {
  return mismatches.length > 0 && mismatches.every(({ field }) => chanceFields.test(field));
}

function isFine({ mismatches }: RequestResult): boolean {
  return mismatches.length === 0;
}

function labelOf(request: RequestSpec): string {
  if (request.stats !== undefined) return 'what was counted';
  const line = requestLine(request);
  const short = line.length > 100 ? `${line.slice(0, 100)}…` : line;
  return request.repeat === undefined ? short : `${request.repeat} × ${short}`;
}

function requestLine(request: RequestSpec): string {
  const { method, authority, path, protocol, raw, h2_headers: list, send } = request;
  if (raw !== undefined) return JSON.stringify(raw.slice(0, 60));
  const tls = tlsOf(request);
  const spoken = [protocol ?? 'http/1.1', ...(tls === null ? [] : [JSON.stringify(tls)])];
  if (list !== undefined) return `${spoken.join(' ')} ${JSON.stringify(list)}`;
  if (method === undefined) return `${spoken.join(' ')} ${JSON.stringify(send ?? '')}`;
  const plain = spoken.join('') === 'http/1.1' ? '' : `${spoken.join(' ')} `;
  return `${plain}${method} ${authority ?? ''} ${path}`;
}
