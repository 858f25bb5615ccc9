/** Writes `docs/istio-conformance.md`: scores, and every row that is not as recorded, by name. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference } from './differences.ts';
import { levels } from './mismatch.ts';
import { isLeftOut, percent, type Score, scoreOf, scoresByArea, table } from './report.ts';
import type { RequestResult } from './suite.ts';
import type { PlayedSet } from './suite-sets.ts';

const head = `# Conformance with Istio and Envoy

<!-- Made by: node test/conformance/istio-envoy/run.ts --markdown docs/istio-conformance.md -->

Outcomes that were recorded from Istio's own configuration (1.32-dev) in a real Envoy (1.40), played
against the real command: the YAML of each scenario with the ports of the run, its requests byte for
byte. A request passes a level when nothing of that level differs:

1. status, chosen backend, what the upstream was asked, number of attempts, location, CORS, cookies,
   headers named in rules;
2. every other header on both sides, times, response flags, order of attempts, connections;
3. details, route and cluster of the access log, order and case of headers, texts of local answers.

Random outcomes must lie within four standard deviations of the recorded share. How the recordings
are played is told in [the conformance suites](../test/conformance/README.md).
`;

export function formatDocument(
  sets: readonly PlayedSet[],
  differences: readonly Difference[],
): string {
  const results = sets.flatMap((set) => set.results);
  const parts = [
    head,
    ...sets.map(formatSet),
    '## Rows that differ on purpose\n',
    'A row without fields is left out of the scores; of the others only these fields are. Why it is',
    'better so is told in [Differences from Istio and Envoy](istio-differences.md).\n',
    `${formatDifferences(differences)}\n`,
    '## Rows that fail\n',
    `${formatFailing(results)}\n`,
    '## Rows that are not played\n',
    `${formatNotPlayed(results)}\n`,
  ];
  return parts.join('\n');
}

/** The table of rows that differ on purpose, as it stands in the document. */
export function formatDifferences(differences: readonly Difference[]): string {
  const rows = differences.map(({ scenario, requests, fields, reason }) => [
    rowName(scenario, requests ?? []),
    (fields ?? []).map((field) => `\`${field}\``).join(', '),
    reason,
  ]);
  return table([['row', 'fields', 'reason'], ...rows]);
}

function formatSet({ name, results }: PlayedSet): string {
  const header = ['area', 'requests', 'level 1', 'level 2', 'level 3', 'on purpose', 'not played'];
  const areas = scoresByArea(results).map((score) => scoreCells(score));
  const [label = '', ...total] = scoreCells(scoreOf('all', results));
  return `## Recordings \`${name}\`\n\n${table([header, ...areas, [`**${label}**`, ...total]])}\n`;
}

function scoreCells(score: Score): string[] {
  return [
    score.area,
    String(score.compared),
    ...levels.map((level) => `${percent(score, level)} %`),
    score.onPurpose === 0 ? '' : String(score.onPurpose),
    score.skipped === 0 ? '' : String(score.skipped),
  ];
}

function formatFailing(results: readonly RequestResult[]): string {
  const failing = results.filter((each) => each.mismatches.length > 0 && !isLeftOut(each));
  if (failing.length === 0) return 'None.';
  const known = readKnownFailures();
  const rows = failing.map((result) => {
    const reason = known.find(({ scenario }) => scenario === result.scenario)?.reason;
    const failed = new Set(result.mismatches.map(({ level }) => level));
    return [
      rowName(result.scenario, [result.index]),
      [...failed].sort().join(', '),
      reason ?? `not explained: ${someFields(result)}`,
    ];
  });
  return table([['row', 'levels', 'reason'], ...rows]);
}

/** The first fields that differ, enough to look the row up. */
function someFields({ mismatches }: RequestResult): string {
  const fields = [...new Set(mismatches.map(({ field }) => field))];
  const more = fields.length > 3 ? ` and ${fields.length - 3} more` : '';
  return `${fields.slice(0, 3).join(', ')}${more}`;
}

interface KnownFailure {
  readonly scenario: string;
  readonly reason: string;
}

function readKnownFailures(): KnownFailure[] {
  const text = readFileSync(join(import.meta.dirname, 'report-known-failures.json'), 'utf8');
  return JSON.parse(text) as KnownFailure[];
}

function formatNotPlayed(results: readonly RequestResult[]): string {
  const byReason = Map.groupBy(
    results.filter(({ skipped }) => skipped !== null),
    ({ skipped }) => skipped ?? '',
  );
  if (byReason.size === 0) return 'None.';
  const rows = [...byReason].map(([reason, skipped]) => {
    const scenarios = new Set(skipped.map(({ scenario }) => scenario));
    return [reason, String(skipped.length), [...scenarios].join(', ')];
  });
  return table([['reason', 'requests', 'scenarios'], ...rows]);
}

/** `scenario[2, 3]`: the requests' positions, counted from 0; -1 is the refused configuration. */
export function rowName(scenario: string, requests: readonly number[]): string {
  return requests.length === 0 ? scenario : `${scenario}[${requests.join(', ')}]`;
}
