/** `sluice analyze`: says what is wrong with a configuration, without serving by it. */

import { Command, Option } from 'commander';
import { compareFindings, type Finding } from '../config/finding.ts';
import { findingCode } from '../config/finding-code.ts';
import { exitCode } from './exit-code.ts';
import { renderFindings } from './render-findings.ts';

interface AnalyzeFlags {
  readonly file: readonly string[];
  readonly output: 'text' | 'json';
}

const examples = `
Exit code: 0 nothing found (infos do not count), 1 errors or warnings, 2 wrong usage.

Examples:
  sluice analyze -f rules/
  sluice analyze -f canary.yaml -f services.yaml --output json
  kubectl get vs,dr,gw,se -o yaml | sluice analyze -f -`;

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('check configuration: schema and semantic findings with file:line:column')
    .requiredOption(
      '-f, --file <path...>',
      'file, folder (recursive), or - for standard input; repeatable',
      (value: string, previous: string[] = []) => [...previous, value],
    )
    .addOption(
      new Option('--output <format>', 'how findings are printed')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', examples)
    .action(async (flags: AnalyzeFlags) => {
      process.exitCode = await analyze(flags);
    });
}

async function analyze(flags: AnalyzeFlags): Promise<number> {
  // Loaded here, so that no other command carries the parser.
  const { ConfigStore } = await import('../runtime/config-store.ts');
  const { FileSource } = await import('../sources/file.ts');
  const read = await new FileSource(flags.file).read();
  // What is wrong with a configuration does not depend on the user that checks it: every port counts
  // as one that can be bound.
  const checked = new ConfigStore({}, true).load(read.files, read.findings);
  const order = new Map(read.files.map(({ path }, index) => [path, index]));
  const findings = [...read.findings, ...checked.findings]
    .filter(({ code }) => code !== findingCode.noResources)
    .sort((a, b) => compareFindings(a, b, order));
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const text =
    flags.output === 'json'
      ? `${JSON.stringify(findings, null, 2)}\n`
      : renderFindings(findings, { files: read.files, color });
  process.stdout.write(text);
  return findings.some(counts) ? exitCode.failure : exitCode.ok;
}

function counts(finding: Finding): boolean {
  return finding.severity !== 'info';
}
