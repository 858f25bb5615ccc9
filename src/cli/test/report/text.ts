/** Results of routing tests for people: what failed, how it differs, and the walk of the request. */

import type { Coverage } from '../../../routing-tests/coverage.ts';
import type { Failure, TestResult } from '../../../routing-tests/run-test.ts';
import type { TestReport } from '../../../routing-tests/run-tests.ts';
import type { Paint } from '../../output/color.ts';
import { printable, printableLine } from '../../output/printable.ts';
import { percentOf } from './percent.ts';
import { walkLines } from './walk-lines.ts';

export interface TextOptions {
  /** Lists what passed, too. */
  readonly verbose: boolean;
  /** Lists what was not reached. */
  readonly coverage: boolean;
  readonly paint: Paint;
}

/** Failures of one test case that are shown; they are mostly alike. */
const maxShown = 3;

export function reportText(report: TestReport, options: TextOptions): string {
  const { paint } = options;
  const lines: string[] = [];
  for (const result of report.results) lines.push(...resultLines(result, options));
  if (lines.length > 0) lines.push('');
  if (options.coverage) lines.push(...unreachedLines(report.coverage));
  const { passed, failed, requests, coverage } = report;
  const counts = `${passed} passed, ${failed} failed`;
  lines.push(`${paint(failed === 0 ? 'green' : 'red', counts)} (${plural(requests, 'request')})`);
  const { routes, reached } = coverage;
  const hint = hintOf(coverage, options);
  lines.push(
    `${reached} of ${plural(routes.length, 'route')} reached${percentOf(coverage)}${hint}`,
  );
  return `${lines.join('\n')}\n`;
}

function resultLines({ test, failures, requests }: TestResult, options: TextOptions): string[] {
  const { verbose, paint } = options;
  const name = printableLine(test.test.description);
  const place = `${test.file}:${test.line}`;
  if (failures.length === 0) {
    return verbose ? [`${paint('green', 'pass')} ${name} (${plural(requests, 'request')})`] : [];
  }
  const shown = failures.slice(0, maxShown).flatMap((failure) => failureLines(failure, paint));
  const more = failures.length - maxShown;
  return [
    `${paint('red', 'FAIL')} ${paint('bold', name)} (${place})`,
    ...shown,
    ...(more > 0 ? [`  and ${plural(more, 'more request')}`] : []),
  ];
}

function failureLines({ request, message, differences, explanation }: Failure, paint: Paint) {
  const lines = [`  ${printableLine(`${request === '' ? '' : `${request}: `}${message}`)}`];
  for (const { field, expected, actual } of differences) {
    lines.push(`    ${field}`);
    lines.push(paint('green', `      - expected ${printableLine(expected ?? 'nothing')}`));
    lines.push(paint('red', `      + actual   ${printableLine(actual ?? 'nothing')}`));
  }
  return [...lines, ...explanationLines(explanation).map((line) => paint('dim', line))];
}

function explanationLines(explanation: Failure['explanation']): string[] {
  if (explanation === null) return [];
  return walkLines(explanation).map((line) => `    ${printable(line)}`);
}

function hintOf({ routes, reached }: Coverage, { coverage }: TextOptions): string {
  if (routes.length === 0) return ': no rule stands behind -f';
  return coverage || reached === routes.length ? '' : '; --coverage lists the others';
}

function unreachedLines({ routes }: Coverage): string[] {
  const unreached = routes.filter(({ isReached }) => !isReached);
  if (unreached.length === 0) return [];
  const lines = unreached.map(({ file, line, resource, protocol, name }) => {
    const rule = protocol === 'http' ? '' : `, a rule of ${protocol}`;
    return `  ${file}:${line}: ${resource}${name === '' ? '' : ` "${name}"`}${rule}`;
  });
  return ['Routes that no test has reached:', ...lines, ''];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
