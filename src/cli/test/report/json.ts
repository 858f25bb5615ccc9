/** Results of routing tests as JSON. */

import type { TestReport } from '../../../routing-tests/run-tests.ts';

export function reportJson({ results, coverage, ...totals }: TestReport): string {
  const document = {
    ...totals,
    tests: results.map(({ test, requests, failures }) => ({
      description: test.test.description,
      file: test.file,
      line: test.line,
      requests,
      passed: failures.length === 0,
      failures,
    })),
    coverage: { total: coverage.routes.length, ...coverage },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
