/** `sluice analyze`: says what is wrong with a configuration, without serving by it. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { parseSuppression, type Suppression } from '../config/analysis/suppression.ts';
import { compareFindings, type Finding, type Severity } from '../config/finding.ts';
import { findingCode } from '../config/finding-code.ts';
import type { SourceFile } from '../config/parse/source-file.ts';
import { usesColor } from './color.ts';
import {
  addFileOption,
  addIdentityOptions,
  type ConfigFlags,
  requirePaths,
} from './config-options.ts';
import { exitCode } from './exit-code.ts';
import { Progress } from './findings/progress.ts';
import { type Format, formats, render } from './findings/render.ts';
import { hasSeverity } from './findings/summary.ts';
import { say } from './say.ts';

interface AnalyzeFlags extends ConfigFlags {
  readonly output: Format;
  readonly suppress: readonly Suppression[];
  readonly failOn: Severity;
}

const examples = `
Exit code: 0 nothing found that counts (see --fail-on), 1 findings, 2 wrong usage.

Examples:
  sluice analyze -f rules/
  sluice analyze -f canary.yaml -f services.yaml --output json
  sluice analyze -f rules/ --fail-on error --output github
  sluice analyze -f rules/ --suppress SLC0408 --suppress "SLC0203=VirtualService prod/*"
  sluice analyze -f rules/ --namespace prod --workload web-v1=127.0.0.1:9081
  kubectl get vs,dr,gw,se,svc,deploy -o yaml | sluice analyze -f -`;

export function analyzeCommand(): Command {
  const command = new Command('analyze').description(
    'check configuration: schema and semantic findings with file:line:column',
  );
  const output = new Option('--output <format>', 'how findings are printed');
  const failOn = new Option('--fail-on <severity>', 'the least severity that makes exit code 1');
  const suppress = new Option(
    '--suppress <code[=resource]>',
    'leave findings out: all of a code, or those of "Kind namespace/name" (* for any text)',
  );
  return addIdentityOptions(addFileOption(command))
    .addOption(output.choices(formats).default('text'))
    .addOption(failOn.choices(['error', 'warning', 'info']).default('warning'))
    .addOption(suppress.argParser(collectSuppressions).default([], 'none'))
    .addHelpText('after', examples)
    .action(async (flags: AnalyzeFlags) => {
      process.exitCode = await analyze(flags);
    });
}

function collectSuppressions(text: string, previous: readonly Suppression[]): Suppression[] {
  const suppression = parseSuppression(text);
  if (suppression === null) {
    throw new InvalidArgumentError('write CODE or "CODE=Kind namespace/name"');
  }
  return [...previous, suppression];
}

async function analyze(flags: AnalyzeFlags): Promise<number> {
  const paths = requirePaths(flags);
  // Loaded here, so that no other command carries the parser.
  const { FileSource } = await import('../sources/file.ts');
  const progress = new Progress();
  progress.step('reading files');
  const read = await new FileSource(paths).read();
  const found = await findingsOf(read, flags, progress);
  progress.end();
  if (found === null) return exitCode.usage;
  const order = new Map(read.files.map(({ path }, index) => [path, index]));
  const findings = found
    .map((finding) => withPaths(finding, paths))
    .sort((a, b) => compareFindings(a, b, order));
  const options = { files: read.files, color: usesColor() };
  process.stdout.write(render(flags.output, findings, options));
  return hasSeverity(findings, flags.failOn) ? exitCode.failure : exitCode.ok;
}

interface Read {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/** null where a flag is wrong, which is told. */
async function findingsOf(
  read: Read,
  { workload, labels, namespace, suppress }: AnalyzeFlags,
  progress: Progress,
): Promise<Finding[] | null> {
  const { ConfigStore } = await import('../runtime/config-store.ts');
  const { checkSecretFiles } = await import('../runtime/check-secret-files.ts');
  // What is wrong with a configuration does not depend on the user that checks it: every port counts
  // as one that can be bound.
  const store = new ConfigStore({ workload, labels, namespace }, 0);
  progress.step(`checking ${read.files.length} files`);
  const checked = store.load(read.files, read.findings);
  if (checked.flagErrors.length > 0) {
    for (const { flag, message } of checked.flagErrors) say(`--${flag}: ${message}`);
    return null;
  }
  progress.step('analysing');
  const ofFiles = checked.loaded === null ? [] : await checkSecretFiles(checked.loaded);
  return store.analyze([...read.findings, ...checked.findings, ...ofFiles], suppress);
}

/** That nothing was found is about all paths together. */
function withPaths(finding: Finding, paths: readonly string[]): Finding {
  if (finding.code !== findingCode.noResources) return finding;
  return { ...finding, message: `${finding.message} in ${paths.join(', ')}` };
}
