/**
 * Plays the recordings of Istio and Envoy against the real command and prints scores by area:
 * `node test/conformance/istio-envoy/run.ts --help`.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dataSet, missingData } from '../../support/test-data.ts';
import { readDifferences } from './differences.ts';
import type { Level } from './mismatch.ts';
import { formatFailures, formatOnPurpose, formatScores, formatSkipped } from './report.ts';
import { readScenarios } from './scenario.ts';
import { runSuite } from './suite.ts';

const usage = `usage: node test/conformance/istio-envoy/run.ts [options]
  --area A        only this area; repeatable
  --scenario S    only this scenario; repeatable
  --level N       list differences up to this level, 1 to 3; default 1
  --set NAME      istio-envoy (default) or istio-envoy-2
  --json FILE     write every result there
  --jobs N        scenarios at a time; default 3
  --verbose       print each scenario as it ends`;

const { values } = parseArgs({
  options: {
    area: { type: 'string', multiple: true },
    scenario: { type: 'string', multiple: true },
    level: { type: 'string', default: '1' },
    set: { type: 'string', default: 'istio-envoy' },
    json: { type: 'string' },
    jobs: { type: 'string', default: '3' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const folder = dataSet(values.set);
  if (folder === null) {
    console.error(missingData(values.set));
    return 2;
  }
  const scenarios = readScenarios(folder).filter(
    ({ area, name }) =>
      (values.area?.includes(area) ?? true) && (values.scenario?.includes(name) ?? true),
  );
  const results = await runSuite(scenarios, {
    jobs: Number(values.jobs),
    differences: readDifferences(),
    onResult: (own) => {
      const failed = own.filter(({ mismatches }) => mismatches.some(({ level }) => level === 1));
      if (values.verbose) console.error(`${own[0]?.scenario}: ${failed.length} of ${own.length}`);
    },
  });
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1));
  const parts = [
    formatFailures(results, Number(values.level) as Level),
    formatSkipped(results),
    formatOnPurpose(results),
    formatScores(results),
  ];
  console.log(parts.filter((part) => part !== '').join('\n\n'));
  const failed = results.some(
    ({ difference, mismatches }) =>
      mismatches.length > 0 && (difference === null || difference.fields !== undefined),
  );
  return failed ? 1 : 0;
}
