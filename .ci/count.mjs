/**
 * Reads TAP output and says again which tests failed and how, then lists them, a line for each, and
 * ends with `N passed, N failed[, N skipped]`; exits 1 on a failure. Rows of recordings that fail
 * within their floor (comments `# let pass: …`) are said again, too. Plain JavaScript, because it runs on
 * whatever Node the machine has.
 *
 *     node .ci/count.mjs RUN [AGAIN]     # AGAIN: a second run of the files that failed in RUN
 *     node .ci/count.mjs --failing RUN   # prints those files, one a line
 *
 * A test is a point indented once: a `t.test` block, or an assertion outside of any. A file that
 * failed without a failing test in it (it crashed, timed out, or ran nothing) counts as one failure.
 * What fails in RUN and passes in AGAIN counts as passed, and is called flaky by name.
 */

import { readFileSync } from 'node:fs';

/** Lines that are said again of each failing point: what was expected and what came. */
const detailLines = 40;

const namesOnly = process.argv[2] === '--failing';
const [runFile, againFile] = process.argv.slice(namesOnly ? 3 : 2);
const files = readFiles(runFile);

if (namesOnly) {
  for (const file of files) if (file.failed > 0 && file.name !== null) console.log(file.name);
} else {
  process.exitCode = summarize();
}

function summarize() {
  const again = againFile === undefined ? [] : readFiles(againFile);
  const recovered = new Set(again.filter(({ failed }) => failed === 0).map(({ name }) => name));
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const isFlaky = file.failed > 0 && recovered.has(file.name);
    sum.passed += file.passed + (isFlaky ? file.failed : 0);
    sum.failed += isFlaky ? 0 : file.failed;
    sum.skipped += file.skipped;
    for (const line of file.report) console.log(line);
    if (isFlaky) console.log(`# flaky: ${file.name} passed when it ran again by itself`);
  }
  for (const { name, failing } of files.filter((file) => !recovered.has(file.name))) {
    for (const test of failing) console.log(`# failed: ${name ?? 'the last file'}: ${test}`);
  }
  for (const line of letPass(runFile)) console.log(line);
  // A run that said nothing at all.
  if (sum.passed + sum.failed === 0) sum.failed = 1;
  const skipped = sum.skipped === 0 ? '' : `, ${sum.skipped} skipped`;
  console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
  return sum.failed === 0 ? 0 : 1;
}

function letPass(path) {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => line.startsWith('# let pass: '));
}

/** The files of a run with their counts; the last one has no name if the run was cut off in it. */
function readFiles(path) {
  const found = [];
  let file = newFile();
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const isOdd = /^ *not ok \d+/.test(line) && !/# (SKIP|TODO)/.test(line);
    if (isOdd) {
      file.report.push(`# ${line.trim()}`, ...detailsAfter(lines, index));
      // The point of a whole file only sums up, unless nothing in it has failed.
      if (line.startsWith(' ') || file.failing.length === 0) file.failing.push(nameOf(line));
    }
    const [point, isTest, isFailure] = /^( {4})?(not )?ok \d+/.exec(line) ?? [];
    if (point === undefined) continue;
    if (isTest) {
      if (/# (SKIP|TODO)/.test(line)) file.skipped++;
      else if (isFailure) file.failed++;
      else file.passed++;
      continue;
    }
    if (isFailure) file.failed = Math.max(file.failed, 1);
    else if (/# SKIP/.test(line)) file.skipped++;
    file.name = fileOf(lines, index);
    found.push(file);
    file = newFile();
  }
  found.push(file);
  return found;
}

/** One that did not end in time has its own name only in the details of its point. */
function fileOf(lines, index) {
  const expired = detailsAfter(lines, index).find((line) => line.includes(' expired: '));
  return / (?:-|expired:) (\S+)/.exec(expired ?? lines[index])?.[1] ?? null;
}

function newFile() {
  return { name: null, passed: 0, failed: 0, skipped: 0, report: [], failing: [] };
}

/** What a point says, without its number and its time, and no more than a line of it. */
function nameOf(line) {
  const name = line.replace(/^ *not ok \d+( - )?/, '').replace(/ # time=\S+$/, '');
  return name === '' ? 'a point without a name' : name.slice(0, 200);
}

/** The block of YAML below a failing point; nothing for one that only sums others up. */
function detailsAfter(lines, index) {
  if (!/^ *---$/.test(lines[index + 1] ?? '')) return [];
  const end = lines.findIndex((line, at) => at > index && /^ *\.\.\.$/.test(line));
  const last = Math.min(end < 0 ? lines.length : end, index + 2 + detailLines);
  return lines.slice(index + 2, last).map((line) => `#   ${line}`);
}
