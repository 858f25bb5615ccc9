/** Assertions of a load test in the XML of JUnit, which CI systems read. */

import type { AssertionResult } from '../../../loadtest/assess/assess.ts';
import type { LoadtestSummary } from '../../../loadtest/summary.ts';
import { escapeAttribute, escapeText } from '../../output/xml-text.ts';
import { foundText } from './text.ts';

export function reportJunit(file: string, { assertions, durationMs }: LoadtestSummary): string {
  const failed = assertions.filter(({ passed }) => !passed).length;
  const counts = `tests="${assertions.length}" failures="${failed}"`;
  const name = escapeAttribute(file);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sluice loadtest" ${counts}>`,
    `  <testsuite name="${name}" ${counts} time="${durationMs / 1000}">`,
    ...assertions.flatMap((assertion) => caseLines(name, assertion)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines(file: string, assertion: AssertionResult): string[] {
  const { name, expected, passed } = assertion;
  const title = escapeAttribute(`${name}: ${expected}`);
  const start = `    <testcase name="${title}" classname="${file}"`;
  if (passed) return [`${start}/>`];
  const message = `expected ${expected}, found ${foundText(assertion)}`;
  return [
    `${start}>`,
    `      <failure message="${escapeAttribute(message)}">${escapeText(message)}</failure>`,
    '    </testcase>',
  ];
}
