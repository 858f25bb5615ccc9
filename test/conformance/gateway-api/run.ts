/**
 * Plays the conformance tests of the Gateway API and prints what fails, and scores by feature:
 * `node test/conformance/gateway-api/run.ts [NAME OF A TEST]...`. With `--markdown FILE` it plays all
 * of them and writes the tables of the document, too.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dataSet, missingData } from '../../support/test-data.ts';
import { writeTables } from './document.ts';
import { failingRows, formatScores } from './report.ts';
import { playSuite } from './suite.ts';

const { values, positionals } = parseArgs({
  options: { markdown: { type: 'string' } },
  allowPositionals: true,
});

const folder = dataSet('gateway-api');
if (folder === null) {
  console.error(missingData('gateway-api'));
  process.exitCode = 2;
} else {
  const { markdown } = values;
  const rows = await playSuite(folder, markdown === undefined ? positionals : []);
  const failing = failingRows(rows);
  console.log([...failing, '', formatScores(rows)].join('\n'));
  if (markdown !== undefined) {
    writeFileSync(markdown, writeTables(readFileSync(markdown, 'utf8'), rows));
  }
  process.exitCode = failing.length > 0 ? 1 : 0;
}
