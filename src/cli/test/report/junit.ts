/** Results of routing tests in the XML of JUnit, which CI systems read: a suite for each file. */

import type { TestResult } from '../../../routing-tests/run-test.ts';
import type { TestReport } from '../../../routing-tests/run-tests.ts';
import { escapeAttribute, escapeText } from '../../output/xml-text.ts';
import { failureText } from './failure-text.ts';

export function reportJunit({ results, failed }: TestReport): string {
  const suites = [...Map.groupBy(results, ({ test }) => test.file)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sluice test" tests="${results.length}" failures="${failed}">`,
    ...suites.flatMap(([file, ofFile]) => suiteLines(file, ofFile)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines(file: string, results: readonly TestResult[]): string[] {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return [
    `  <testsuite name="${escapeAttribute(file)}" tests="${results.length}" failures="${failed}">`,
    ...results.flatMap((result) => caseLines(file, result)),
    '  </testsuite>',
  ];
}

function caseLines(file: string, { test, failures }: TestResult): string[] {
  const name = `name="${escapeAttribute(test.test.description)}"`;
  const start = `    <testcase ${name} classname="${escapeAttribute(file)}" line="${test.line}"`;
  const [first] = failures;
  if (first === undefined) return [`${start}/>`];
  const text = failures.map(failureText).join('\n');
  return [
    `${start}>`,
    `      <failure message="${escapeAttribute(first.message)}">${escapeText(text)}</failure>`,
    '    </testcase>',
  ];
}
