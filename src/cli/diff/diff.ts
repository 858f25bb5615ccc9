/** `sluice diff`: which requests two configurations treat differently. */

import { Command, Option } from 'commander';
import {
  addFileOption,
  addIdentityOptions,
  type ConfigFlags,
  collect,
} from '../options/config-options.ts';

export interface DiffFlags extends ConfigFlags {
  readonly output: 'text' | 'json' | 'markdown';
  readonly ignore?: readonly string[];
}

const examples = `
OLD and NEW are each one of
  rules/            a file or folder
  git:REV:PATH      a file or folder at a revision of git: git:main:rules
  HOST:PORT         the admin API of a running proxy

Exit code: 0 no difference, 1 a difference or a note of what could not be looked into,
2 wrong usage or a configuration that cannot be read, 70 a mistake of sluice itself.

Examples:
  sluice diff git:main:rules rules
  sluice diff git:HEAD~1:rules git:HEAD:rules --output markdown
  sluice diff 127.0.0.1:15000 rules          what a reload would change
  sluice diff old/ new/ --ignore field=timeout --ignore 'host=*.test,route=canary*'`;

export function diffCommand(): Command {
  const command = new Command('diff')
    .description('find the requests that two configurations treat differently')
    .argument('<old>', 'configuration before')
    .argument('<new>', 'configuration after');
  return addIdentityOptions(
    addFileOption(command, 'files that belong to both sides, such as services; repeatable'),
  )
    .option(
      '--ignore <key=pattern,...>',
      'differences that do not count, by field, host, route, table, kind, name; repeatable',
      collect,
    )
    .addOption(
      new Option('--output <format>', 'markdown is for a pull request')
        .choices(['text', 'json', 'markdown'])
        .default('text'),
    )
    .addHelpText('after', examples)
    .action(async (before: string, after: string, flags: DiffFlags) => {
      // Loaded here, so that no other command carries it.
      const { diff } = await import('./diff-run.ts');
      process.exitCode = await diff(before, after, flags);
    });
}
