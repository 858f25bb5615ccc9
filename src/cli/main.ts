/** The `sluice` command: finds the subcommand, and keeps to the exit codes of all of them. */

import { Command, CommanderError } from 'commander';
import { describeDefect } from '../base/defect.ts';
import { programVersion } from '../base/program-version.ts';
import { analyzeCommand } from './analyze/analyze.ts';
import { caCommand } from './ca/ca.ts';
import { convertCommand } from './convert/convert.ts';
import { demoCommand } from './demo/demo.ts';
import { diffCommand } from './diff/diff.ts';
import { exitCode } from './exit-code.ts';
import { explainCommand } from './explain/explain.ts';
import { loadtestCommand } from './loadtest/loadtest.ts';
import { say } from './output/say.ts';
import { proxyConfigCommand } from './proxy-config/proxy-config.ts';
import { runCommand } from './run/run.ts';
import { tapCommand } from './tap/tap.ts';
import { testCommand } from './test/test.ts';
import { topCommand } from './top/top.ts';

/** Resolves with the exit code; 0 also while a proxy that was started goes on running. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const program = createProgram();
  // Who reads the output may go before its end, as `head` does; that is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? exitCode.ok);
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, usageHint(error, program, args));
    // Nothing that a user does may end in a stack trace, nor be blamed for what is ours.
    say(describeDefect(error as Error));
    return exitCode.defect;
  }
}

function createProgram(): Command {
  const program = new Command('sluice')
    .description(
      'Routes real traffic by Istio-style rules: no cluster, no Envoy, no control plane.',
    )
    .version(versionLine(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addCommand(runCommand())
    .addCommand(demoCommand())
    .addCommand(analyzeCommand())
    .addCommand(explainCommand())
    .addCommand(testCommand())
    .addCommand(diffCommand())
    .addCommand(convertCommand())
    .addCommand(loadtestCommand())
    .addCommand(proxyConfigCommand())
    .addCommand(tapCommand())
    .addCommand(topCommand())
    .addCommand(caCommand())
    .addCommand(versionCommand())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  sluice demo                                try it: bookinfo behind the proxy\n' +
        '  sluice analyze -f rules/                   check the rules in a folder\n' +
        '  sluice explain GET http://shop/ -f rules/  where would this request go?\n' +
        '  sluice test tests/ -f rules/               run unit tests of them\n' +
        '  sluice diff git:main:rules rules/          what a change of them changes\n' +
        '  sluice run -f rules/                       serve by them',
    );
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    // Beside the long flags of `run` little is left of 80 columns.
    command.configureHelp({ minWidthToWrap: 24 });
    command.configureOutput({ outputError: () => undefined });
  }
  return program;
}

function versionCommand(): Command {
  return new Command('version').description('print the version').action(() => {
    process.stdout.write(`${versionLine()}\n`);
  });
}

function versionLine(): string {
  return `sluice ${programVersion()}`;
}

/** Help and version also come as errors, with exit code 0. */
function reportUsage(error: CommanderError, hint: string): number {
  if (error.exitCode === 0) return exitCode.ok;
  // `sluice` alone has shown its help already.
  if (error.code !== 'commander.help') say(`${usageMessage(error)}${hint} (see --help)`);
  return exitCode.usage;
}

/** Commander puts what was probably meant on a second line. */
function usageMessage({ message }: CommanderError): string {
  const [mistake = '', hint] = message.replace(/^error: /, '').split('\n');
  const meant = /\(Did you mean (?:one of )?(.+)\?\)/.exec(hint ?? '')?.[1];
  const text = meant === undefined ? mistake : `${mistake}; did you mean ${meant}?`;
  return text.replace(/\.$/, '');
}

/** Arguments and paths behind `-f` are easily taken for each other. */
function usageHint({ code }: CommanderError, program: Command, args: readonly string[]): string {
  const [name] = args;
  const command = program.commands.find((known) => known.name() === name);
  if (command?.options.some(({ short }) => short === '-f') !== true) return '';
  if (code === 'commander.excessArguments') return '; paths stand behind -f';
  const [, , second = '-'] = args.slice(args.findIndex((word) => ['-f', '--file'].includes(word)));
  const isTaken = code === 'commander.missingArgument' && !second.startsWith('-');
  return isTaken ? '; -f takes all words behind it, so write it last' : '';
}
