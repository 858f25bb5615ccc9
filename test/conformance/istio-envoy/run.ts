/**
 * Plays the recordings of Istio and Envoy against the real command and prints scores by area:
 * `node test/conformance/istio-envoy/run.ts --help`.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dataSet, missingData } from '../../support/test-data.ts';
import { readDifferences } from './differences.ts';
import { readFloors } from './floors.ts';
import type { Level } from './mismatch.ts';
import {
  formatFailures,
  formatOnPurpose,
  formatScores,
  formatSkipped,
  isLeftOut,
} from './report.ts';
import { formatDocument } from './report-document.ts';
import { readScenarios } from './scenario.ts';
import { type RequestResult, runSuite } from './suite.ts';
import { type PlayedSet, playSet } from './suite-sets.ts';

const usage = `usage: node test/conformance/istio-envoy/run.ts [options]
  --area A        only this area; repeatable
  --scenario S    only this scenario; repeatable
  --level N       list differences up to this level, 1 to 3; default 1
  --set NAME      istio-envoy (default) or istio-envoy-2
  --markdown FILE play every area of floors.json instead, and write the document of all scores
  --json FILE     write every result there
  --jobs N        scenarios at a time; default 3
  --verbose       print each scenario as it ends`;

const { values } = parseArgs({
  options: {
    area: { type: 'string', multiple: true },
    scenario: { type: 'string', multiple: true },
    level: { type: 'string', default: '1' },
    set: { type: 'string', default: 'istio-envoy' },
    markdown: { type: 'string' },
    json: { type: 'string' },
    jobs: { type: 'string', default: '3' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const jobs = Number(values.jobs);

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const results =
    values.markdown === undefined ? await playSelected() : await playAll(values.markdown);
  if (results === null) return 2;
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1));
  const parts = [
    formatFailures(results, Number(values.level) as Level),
    formatSkipped(results),
    formatOnPurpose(results),
    formatScores(results),
  ];
  console.log(parts.filter((part) => part !== '').join('\n\n'));
  return results.some((each) => each.mismatches.length > 0 && !isLeftOut(each)) ? 1 : 0;
}

/** Null where the data is absent. */
async function playSelected(): Promise<readonly RequestResult[] | null> {
  const folder = dataSet(values.set);
  if (folder === null) {
    console.error(missingData(values.set));
    return null;
  }
  const scenarios = readScenarios(folder).filter(
    ({ area, name }) =>
      (values.area?.includes(area) ?? true) && (values.scenario?.includes(name) ?? true),
  );
  return runSuite(scenarios, { jobs, differences: readDifferences(), onResult });
}

/** Everything that must hold, for the document. */
async function playAll(file: string): Promise<readonly RequestResult[] | null> {
  const sets: PlayedSet[] = [];
  for (const name of Object.keys(readFloors())) {
    const set = await playSet(name, { jobs, onResult });
    if (set === null) {
      console.error(missingData(name));
      return null;
    }
    sets.push(set);
  }
  writeFileSync(file, formatDocument(sets, readDifferences()));
  return sets.flatMap(({ results }) => results);
}

function onResult(own: readonly RequestResult[]): void {
  const failed = own.filter(({ mismatches }) => mismatches.some(({ level }) => level === 1));
  if (values.verbose) console.error(`${own[0]?.scenario}: ${failed.length} of ${own.length}`);
}
