/** `sluice test`: unit tests of routing, written in YAML. */

import { Command, InvalidArgumentError, Option } from 'commander';
import {
  addFileOption,
  addIdentityOptions,
  type ConfigFlags,
  requirePaths,
} from '../options/config-options.ts';
import { usageError } from '../options/usage-error.ts';

export type TestOutput = 'text' | 'junit' | 'tap' | 'json';

export interface TestFlags extends ConfigFlags {
  readonly output: TestOutput;
  readonly watch?: true;
  readonly coverage?: true;
  readonly verbose?: true;
  /** Percentage of the routes. */
  readonly failUnder?: number;
}

const examples = `
A test is a request or connection, or lists that multiply, and what is expected of it: destinations
and weights, redirect, rewrite, fault, headers, timeout, retries, mirrors, what an endpoint is sent,
which one.

Exit code: 0 all passed, 1 a test failed or a file was refused, 2 wrong usage.

Examples:
  sluice test tests/ -f rules/
  sluice test tests/ -f rules/ --watch
  sluice test tests/ -f rules/ --coverage --fail-under 80
  sluice test tests/ -f rules/ --output junit > routing.xml`;

export function testCommand(): Command {
  const command = new Command('test')
    .description('run unit tests of routing against rules, without serving')
    .argument('<path...>', 'files and folders with tests');
  return addIdentityOptions(addFileOption(command))
    .addOption(
      new Option('--output <format>', 'how results are printed')
        .choices(['text', 'junit', 'tap', 'json'])
        .default('text'),
    )
    .option('--watch', 'run again whenever a file changes')
    .option('--verbose', 'list the tests that passed, too')
    .option('--coverage', 'list the routes that no test has reached')
    .addOption(
      new Option('--fail-under <percent>', 'fail when tests reach fewer of the routes').argParser(
        parsePercent,
      ),
    )
    .addHelpText('after', examples)
    .action(async (paths: readonly string[], flags: TestFlags) => {
      const config = requirePaths(flags);
      if ([...paths, ...config].filter((path) => path === '-').length > 1) {
        throw usageError('standard input can be read only once');
      }
      // Loaded here, so that no other command carries it.
      const { test } = await import('./test-run.ts');
      process.exitCode = await test({ tests: paths, config }, flags);
    });
}

function parsePercent(text: string): number {
  const percent = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('a percentage is 0 to 100.');
}
