/**
 * Plays the conformance tests of the Gateway API and prints what fails, and scores by feature:
 * `node test/conformance/gateway-api/run.ts [NAME OF A TEST]...`.
 */

import { dataSet, missingData } from '../../support/test-data.ts';
import { failingRows, formatNotPlayed, formatScores } from './report.ts';
import { playSuite } from './suite.ts';

const folder = dataSet('gateway-api');
if (folder === null) {
  console.error(missingData('gateway-api'));
  process.exitCode = 2;
} else {
  const rows = await playSuite(folder, process.argv.slice(2));
  const failing = failingRows(rows);
  console.log([...failing, '', formatNotPlayed(rows), '', formatScores(rows)].join('\n'));
  process.exitCode = failing.length > 0 ? 1 : 0;
}
