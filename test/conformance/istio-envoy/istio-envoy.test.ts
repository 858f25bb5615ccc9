/**
 * Behaviour recorded from Istio and Envoy, through the real command. Fails where an area passes
 * fewer requests than its floor; `run.ts` lists what differs.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { dataSet, missingData } from '../../support/test-data.ts';
import { readDifferences } from './differences.ts';
import { type Level, levels } from './mismatch.ts';
import { formatFailures, formatScores, percent, scoresByArea } from './report.ts';
import { readScenarios } from './scenario.ts';
import { runSuite } from './suite.ts';

/** Least share of passed requests by area and level, in percent. */
type Floors = Readonly<Record<string, Readonly<Record<Level, number>>>>;

const folder = dataSet('istio-envoy');
const skip = folder === null ? missingData('istio-envoy') : false;

t.setTimeout(600_000);

t.test('recorded behaviour of Istio and Envoy', { skip }, async (t) => {
  const text = readFileSync(join(import.meta.dirname, 'floors.json'), 'utf8');
  const floors = JSON.parse(text) as Floors;
  const differences = readDifferences();
  const results = await runSuite(readScenarios(folder ?? ''), { jobs: 3, differences });
  t.comment(formatScores(results));
  for (const score of scoresByArea(results)) {
    for (const level of levels) {
      const floor = floors[score.area]?.[level] ?? 0;
      const reached = percent(score, level);
      t.ok(reached >= floor, `${score.area}, level ${level}: ${reached} %, at least ${floor} %`);
    }
  }
  if (!t.passing()) t.comment(formatFailures(results, 1));
});
