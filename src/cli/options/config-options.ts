/** Options of the commands that read a configuration: where it is, and whose proxy it is for. */

import { type Command, Option } from 'commander';
import { usageError } from './usage-error.ts';

export interface ConfigFlags {
  /** Unset where `-f` was not used; `requirePaths` says so. */
  readonly file?: readonly string[];
  readonly workload?: readonly string[];
  readonly labels?: string;
  readonly namespace?: string;
}

const fileFlag = '-f, --file <path...>';

const aboutFiles = 'file, folder (recursive), or - for standard input; repeatable';

export function addFileOption(command: Command, about = aboutFiles): Command {
  return command.option(fileFlag, about, collect);
}

export function addIdentityOptions(command: Command): Command {
  const workload = new Option(
    '--workload <name=addr:port>',
    'where a Deployment, StatefulSet or Pod listens; repeatable',
  );
  return command
    .addOption(workload.argParser(collect))
    .option('--labels <k=v,...>', 'labels of this proxy; without any, every Gateway is served')
    .option('--namespace <name>', 'namespace of this proxy (default: default)');
}

/** `rules, standard input`. */
export function namesOfPaths(paths: readonly string[]): string {
  return paths.map((path) => (path === '-' ? 'standard input' : path)).join(', ');
}

/** For options that may be given several times. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

/** Commander would complain of a missing option before it looks for unknown ones. */
export function requirePaths({ file }: ConfigFlags): readonly string[] {
  if (file !== undefined) return file;
  throw usageError(`required option '${fileFlag}' not specified`);
}
