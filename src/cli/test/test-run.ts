/** What `sluice test` does: reads tests and rules, runs the ones against the others, and reports. */

import { keepAlive } from '../../base/timers.ts';
import { loadXxHash64 } from '../../base/xxhash64.ts';
import type { Finding } from '../../config/finding.ts';
import type { SourceFile } from '../../config/parse/source-file.ts';
import { readTests } from '../../routing-tests/read-tests.ts';
import { RoutingConfig } from '../../routing-tests/routing-config.ts';
import { runTests, type TestReport } from '../../routing-tests/run-tests.ts';
import { FileSource } from '../../sources/file.ts';
import { exitCode } from '../exit-code.ts';
import { renderFindings } from '../findings/render-text.ts';
import { interruption } from '../interruption.ts';
import { painter, usesColor } from '../output/color.ts';
import { say } from '../output/say.ts';
import { reportJson } from './report/json.ts';
import { reportJunit } from './report/junit.ts';
import { reportTap } from './report/tap.ts';
import { reportText } from './report/text.ts';
import type { TestFlags } from './test.ts';

export interface TestPaths {
  readonly tests: readonly string[];
  readonly config: readonly string[];
}

export async function test(paths: TestPaths, flags: TestFlags): Promise<number> {
  const sources = {
    tests: new FileSource(paths.tests),
    config: new FileSource(paths.config),
  };
  const code = await runOnce(sources, paths, flags);
  if (flags.watch !== true || code === exitCode.usage) return code;
  await watch(sources, () => runOnce(sources, paths, flags));
  return exitCode.ok;
}

interface Sources {
  readonly tests: FileSource;
  readonly config: FileSource;
}

/** Runs again after each change, until the user has had enough. */
async function watch(sources: Sources, run: () => Promise<number>): Promise<void> {
  const ending = interruption();
  let last: Promise<unknown> = Promise.resolve();
  const again = (): void => {
    last = last.then(async () => {
      process.stdout.write('\n');
      await run();
      say('watching; Ctrl-C ends');
    });
  };
  const unwatched = (folder: string, code: string): void =>
    say(`changes in ${folder} are not noticed: ${code}`);
  for (const source of [sources.tests, sources.config]) source.watch(again, unwatched);
  say('watching; Ctrl-C ends');
  await forever(ending.signal);
  for (const source of [sources.tests, sources.config]) source.close();
  await last;
}

function forever(signal: AbortSignal): Promise<void> {
  const awake = keepAlive();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      awake.cancel();
      resolve();
    });
  });
}

async function runOnce(sources: Sources, paths: TestPaths, flags: TestFlags): Promise<number> {
  const [tests, config] = await Promise.all([sources.tests.read(), sources.config.read()]);
  const placed = readTests(tests.files, new Set(paths.tests));
  const files = [...tests.files, ...config.files];
  const findings = [...tests.findings, ...config.findings, ...placed.findings];
  if (findings.length > 0) printFindings(findings, files);
  if (findings.some(isError)) return exitCode.failure;
  const { workload, labels, namespace } = flags;
  const identity = { workload, labels, namespace };
  const hash64 = await loadXxHash64();
  const loaded = RoutingConfig.load(config.files, identity, hash64);
  if (!loaded.ok) {
    const { flagErrors, findings: refusals } = loaded.error;
    for (const { flag, message } of flagErrors) say(`--${flag}: ${message}`);
    if (flagErrors.length > 0) return exitCode.usage;
    printFindings(refusals, files);
    say('the configuration is refused; no test was run');
    return exitCode.failure;
  }
  if (placed.tests.length === 0) {
    say(`no tests found in ${paths.tests.join(', ')}: a file of tests has a list "testCases"`);
    return exitCode.failure;
  }
  const report = runTests(placed.tests, loaded.value);
  process.stdout.write(render(report, flags));
  return judge(report, flags);
}

function render(report: TestReport, flags: TestFlags): string {
  switch (flags.output) {
    case 'json':
      return reportJson(report);
    case 'junit':
      return reportJunit(report);
    case 'tap':
      return reportTap(report);
    case 'text': {
      const { verbose = false, coverage = false } = flags;
      return reportText(report, { verbose, coverage, paint: painter(usesColor()) });
    }
  }
}

function judge({ failed, coverage }: TestReport, { failUnder = 0 }: TestFlags): number {
  const { routes, reached } = coverage;
  const percent = routes.length === 0 ? 100 : (100 * reached) / routes.length;
  if (percent < failUnder) {
    say(`tests reach ${percent.toFixed(1)} % of the routes, fewer than ${failUnder} %`);
    return exitCode.failure;
  }
  return failed > 0 ? exitCode.failure : exitCode.ok;
}

/** What reads the results reads standard output. */
function printFindings(findings: readonly Finding[], files: readonly SourceFile[]): void {
  process.stderr.write(renderFindings(findings, { files, color: false }));
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
