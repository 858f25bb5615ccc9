/** `sluice loadtest`: drives load through a proxy, and asserts what comes of it. */

import { Command } from 'commander';
import { interruption } from '../interruption.ts';

export interface LoadtestFlags {
  readonly short?: true;
  readonly seed?: string;
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
}

const examples = `
A scenario says what is started (workloads that answer as they are told, the proxy), the load, and
what must come of it: who answers how much, retries, ejections, stickiness, errors, latency.

Ctrl-C ends the load early, and what came until then is reported.

Exit code: 0 all assertions hold, 1 one does not or nothing could be run, 2 wrong usage, 130 Ctrl-C
came before the program was up.

Examples:
  sluice loadtest config/loadtests/canary.yaml
  sluice loadtest config/loadtests/canary.yaml --short
  sluice loadtest scenario.yaml --seed 7 --json - --junit results.xml
  sluice loadtest scenario.yaml --html report.html`;

export function loadtestCommand(): Command {
  return new Command('loadtest')
    .description('drive load through a proxy and assert routing outcomes')
    .argument('<scenario>', 'file with a scenario, or - for standard input')
    .option('--short', 'the short form of the scenario, for CI')
    .option('--seed <number>', 'makes random choices repeatable')
    .option('--json <file>', 'write all results as JSON; - for standard output')
    .option('--junit <file>', 'write assertions as JUnit XML; - for standard output')
    .option('--html <file>', 'write a report with charts, which opens from disk')
    .addHelpText('after', examples)
    .action(async (path: string, flags: LoadtestFlags) => {
      // First of all, as Ctrl-C may come while the rest is loaded.
      const { signal } = interruption();
      // Loaded here, so that no other command carries it.
      const { loadtest } = await import('./loadtest-run.ts');
      process.exitCode = await loadtest(path, flags, signal);
    });
}
