/** `sluice analyze`: says what is wrong with a configuration, without serving by it. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { parseSuppression, type Suppression } from '../../config/analysis/suppression.ts';
import {
  compareFindings,
  type Finding,
  formatFinding,
  type Severity,
} from '../../config/finding.ts';
import { findingCode } from '../../config/finding-code.ts';
import type { SourceFile } from '../../config/parse/source-file.ts';
import type { FilesRead } from '../../sources/file.ts';
import { exitCode } from '../exit-code.ts';
import { type Format, formats, render } from '../findings/render.ts';
import { hasSeverity } from '../findings/summary.ts';
import {
  addFileOption,
  addIdentityOptions,
  type ConfigFlags,
  namesOfPaths,
  requirePaths,
} from '../options/config-options.ts';
import { usesColor } from '../output/color.ts';
import { say } from '../output/say.ts';
import { fixFiles, previewFixes } from './fix-files.ts';
import { Progress } from './progress.ts';

interface AnalyzeFlags extends ConfigFlags {
  readonly output: Format;
  readonly suppress: readonly Suppression[];
  readonly failOn: Severity;
  readonly fix?: true;
  readonly dryRun?: true;
}

const examples = `
Exit code: 0 nothing found that counts (see --fail-on), 1 findings, 2 wrong usage.
With --fix --dry-run: 1 if something would be changed.

Examples:
  sluice analyze -f rules/
  sluice analyze -f canary.yaml -f services.yaml --output json
  sluice analyze -f rules/ --fail-on error --output github
  sluice analyze -f rules/ --suppress SLC0408 --suppress "SLC0203=VirtualService prod/*"
  sluice analyze -f rules/ --fix --dry-run
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
    .option('--fix', 'mend what has one right answer, and keep all else as it is written')
    .option('--dry-run', 'with --fix: print the changes as a patch, and write nothing')
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
  const wrong = wrongFixFlags(flags, paths);
  if (wrong !== null) {
    say(wrong);
    return exitCode.usage;
  }
  // Loaded here, so that no other command carries the parser.
  const { FileSource } = await import('../../sources/file.ts');
  const progress = new Progress();
  progress.step('reading files');
  const source = await new FileSource(paths).read();
  if (flags.dryRun) return await preview(source, progress);
  if (flags.fix) progress.step('fixing');
  const { files, failed } = flags.fix
    ? await fixFiles(source.files)
    : { files: source.files, failed: false };
  const read = { files, findings: source.findings };
  const found = await findingsOf(read, flags, progress);
  progress.end();
  if (found === null) return exitCode.usage;
  const order = new Map(read.files.map(({ path }, index) => [path, index]));
  const findings = found
    .map((finding) => withPaths(finding, paths, read.files))
    .sort((a, b) => compareFindings(a, b, order));
  const options = { files: read.files, color: usesColor() };
  process.stdout.write(render(flags.output, findings, options));
  return failed || hasSeverity(findings, flags.failOn) ? exitCode.failure : exitCode.ok;
}

/** null where they can be done. */
function wrongFixFlags({ fix, dryRun }: AnalyzeFlags, paths: readonly string[]): string | null {
  if (dryRun && !fix) return '--dry-run goes with --fix (see --help)';
  if (fix && paths.includes('-')) return '--fix needs files: standard input cannot be written';
  return null;
}

/** The patch stands alone on standard output: what could not be read is told beside it. */
async function preview({ files, findings }: FilesRead, progress: Progress): Promise<number> {
  progress.step('looking for what can be fixed');
  const patch = await previewFixes(files);
  progress.end();
  for (const finding of findings) say(formatFinding(finding));
  const isRead = !hasSeverity(findings, 'error');
  process.stdout.write(patch === '' && isRead ? 'nothing to fix\n' : patch);
  return patch === '' && isRead ? exitCode.ok : exitCode.failure;
}

/** null where a flag is wrong, which is told. */
async function findingsOf(
  read: FilesRead,
  { workload, labels, namespace, suppress }: AnalyzeFlags,
  progress: Progress,
): Promise<Finding[] | null> {
  const { ConfigStore } = await import('../../runtime/config-store.ts');
  const { checkSecretFiles } = await import('../../runtime/check-secret-files.ts');
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
function withPaths(
  finding: Finding,
  paths: readonly string[],
  files: readonly SourceFile[],
): Finding {
  if (finding.code !== findingCode.noResources) return finding;
  const isSilent = files.some(({ path, text }) => path === '-' && text.trim() === '');
  const hint = isSilent ? 'it is empty: see whether the command before the pipe fails' : null;
  return { ...finding, message: `${finding.message} in ${namesOfPaths(paths)}`, hint };
}
