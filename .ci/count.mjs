/**
 * Counts the tests of a file of TAP output and prints `N passed, N failed[, N skipped]`; exits 1 on
 * a failure. Plain JavaScript, because it runs on whatever Node the machine has.
 *
 * A test is a point indented once: a `t.test` block, or an assertion outside of any. A file that
 * failed without a failing test in it (it crashed, timed out, or ran nothing) counts as one failure.
 */

import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
let skipped = 0;
let failedInFile = 0;

for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  const point = /^( {4})?(not )?ok \d+/.exec(line);
  if (point === null) continue;
  const [, isTest, isFailure] = point;
  if (isTest) {
    if (/# (SKIP|TODO)/.test(line)) skipped++;
    else if (isFailure) failedInFile++;
    else passed++;
    continue;
  }
  if (isFailure) failed += Math.max(failedInFile, 1);
  else if (/# SKIP/.test(line)) skipped++;
  else failed += failedInFile;
  failedInFile = 0;
}
// A run that was cut off before its file's own point, or that said nothing at all.
failed += failedInFile;
if (passed + failed === 0) failed = 1;

console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
process.exitCode = failed === 0 ? 0 : 1;
