/** Results of routing tests in TAP 14 (testanything.org): a test point for each test case. */

import type { TestResult } from '../../../routing-tests/run-test.ts';
import type { TestReport } from '../../../routing-tests/run-tests.ts';
import { printable } from '../../output/printable.ts';
import { failureText } from './failure-text.ts';

export function reportTap({ results }: TestReport): string {
  const points = results.flatMap((result, index) => pointLines(result, index + 1));
  return `${['TAP version 14', `1..${results.length}`, ...points].join('\n')}\n`;
}

function pointLines({ test, failures }: TestResult, number: number): string[] {
  const name = test.test.description.replace(/\s+/g, ' ').replace(/[\\#]/g, '\\$&');
  if (failures.length === 0) return [`ok ${number} - ${printable(name)}`];
  const text = failures.map(failureText).join('\n');
  return [
    `not ok ${number} - ${printable(name)}`,
    '  ---',
    `  at: ${JSON.stringify(`${test.file}:${test.line}`)}`,
    '  message: |',
    ...printable(text)
      .split('\n')
      .map((line) => `    ${line}`),
    '  ...',
  ];
}
