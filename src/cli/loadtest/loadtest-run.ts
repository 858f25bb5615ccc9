/** What `sluice loadtest` does: reads a scenario, runs it, and reports. */

import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseSeed } from '../../base/parse-seed.ts';
import { randomSeed } from '../../base/random.ts';
import { systemTimers } from '../../base/timers.ts';
import type { ParsedDocument } from '../../config/parse/document.ts';
import type { SourceFile } from '../../config/parse/source-file.ts';
import type { Problem } from '../../config/problem.ts';
import { findingOf, readScenario } from '../../loadtest/read-scenario.ts';
import { type LoadProgress, runLoadtest } from '../../loadtest/run-loadtest.ts';
import type { Scenario } from '../../loadtest/scenario.ts';
import { type LoadtestSummary, summarize } from '../../loadtest/summary.ts';
import { FileSource } from '../../sources/file.ts';
import { exitCode } from '../exit-code.ts';
import { renderFindings } from '../findings/render-text.ts';
import { painter, usesColor } from '../output/color.ts';
import { fail, say } from '../output/say.ts';
import type { LoadtestFlags } from './loadtest.ts';
import { reportHtml } from './report/html.ts';
import { reportJunit } from './report/junit.ts';
import { Progress } from './report/progress.ts';
import { reportText } from './report/text.ts';

/** `signal`: ends the load early. */
export async function loadtest(
  path: string,
  flags: LoadtestFlags,
  signal: AbortSignal,
): Promise<number> {
  const { json, junit } = flags;
  if (json === '-' && junit === '-') {
    say('--json and --junit cannot both go to standard output');
    return exitCode.usage;
  }
  const given = flags.seed === undefined ? null : parseSeed(flags.seed);
  if (given?.ok === false) {
    say(`--seed: ${given.error}`);
    return exitCode.usage;
  }
  for (const target of [json, junit, flags.html]) {
    const failure = target === undefined || target === '-' ? null : unwritable(target);
    if (failure !== null) return fail(failure);
  }
  const read = await readFrom(path, flags.short === true);
  if (read === null) return exitCode.failure;
  const { scenario } = read;
  const seed = given?.value ?? scenario.seed ?? randomSeed();
  if (signal.aborted) return fail('interrupted before the load');
  const progress = new Progress({ output: process.stderr, timers: systemTimers });
  const onBegin = (load: LoadProgress): void => progress.begin(load);
  const onUnrouted = (problems: readonly Problem[]): void => tell(problems, read);
  const options = { scenario, seed, signal, onBegin, onUnrouted };
  const run = await runLoadtest(options).finally(() => progress.end());
  if (!run.ok) {
    if (typeof run.error === 'string') return fail(run.error);
    tell([run.error], read);
    return exitCode.failure;
  }
  const summary = summarize(run.value);
  const ended = summary.assertions.find(({ kind }) => kind === 'proxy');
  if (ended !== undefined) say(`the proxy ended under load: ${ended.found}`);
  return report(path, summary, flags);
}

interface UsableScenario {
  readonly scenario: Scenario;
  readonly file: SourceFile;
  readonly document: ParsedDocument;
}

/** null: it cannot be used, which was told. */
async function readFrom(path: string, short: boolean): Promise<UsableScenario | null> {
  const { files, findings } = await new FileSource([path]).read();
  if (files.length > 1) {
    say(`${path} is a folder; name one scenario`);
    return null;
  }
  const [file] = files;
  const folder = path === '-' ? process.cwd() : dirname(resolve(path));
  const read = file === undefined ? null : readScenario(file, { folder, short });
  const all = [...findings, ...(read?.findings ?? [])];
  if (all.length > 0) process.stderr.write(renderFindings(all, { files, color: false }));
  if (file === undefined || read === null) return null;
  const { scenario, document } = read;
  return scenario === null || document === null ? null : { scenario, file, document };
}

/** With the place of each field, as what shows without a run. */
function tell(problems: readonly Problem[], { file, document }: UsableScenario): void {
  const findings = problems.map((problem) => findingOf(file.path, document, problem));
  process.stderr.write(renderFindings(findings, { files: [file], color: false }));
}

function report(path: string, summary: LoadtestSummary, flags: LoadtestFlags): number {
  const { json, junit, html } = flags;
  const outputs: readonly (readonly [path: string | undefined, text: () => string])[] = [
    [json, () => `${JSON.stringify(summary, null, 2)}\n`],
    [junit, () => reportJunit(path, summary)],
    [html, () => reportHtml(path, summary)],
  ];
  if (json !== '-' && junit !== '-') {
    process.stdout.write(reportText(summary, painter(usesColor())));
  }
  for (const [target, text] of outputs) {
    if (target === undefined) continue;
    const failure = write(target, text());
    if (failure !== null) return fail(failure);
  }
  return summary.passed ? exitCode.ok : exitCode.failure;
}

/** Why a report cannot go to the file, known before the load; null: it can. */
function unwritable(path: string): string | null {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    else accessSync(dirname(resolve(path)), constants.W_OK);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder ? `cannot write ${path}: it is a folder` : null;
  } catch (error) {
    return `cannot write ${path}: ${(error as Error).message}`;
  }
}

/** null: done. */
function write(path: string, text: string): string | null {
  if (path === '-') {
    process.stdout.write(text);
    return null;
  }
  try {
    writeFileSync(path, text);
    return null;
  } catch (error) {
    return `cannot write ${path}: ${(error as Error).message}`;
  }
}
