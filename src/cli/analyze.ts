/** `sluice analyze`: says what is wrong with a configuration, without serving by it. */

import { Command, Option } from 'commander';
import { compareFindings, type Finding } from '../config/finding.ts';
import { findingCode } from '../config/finding-code.ts';
import { usesColor } from './color.ts';
import {
  addFileOption,
  addIdentityOptions,
  type ConfigFlags,
  requirePaths,
} from './config-options.ts';
import { exitCode } from './exit-code.ts';
import { renderFindings } from './findings/render-text.ts';
import { say } from './say.ts';

interface AnalyzeFlags extends ConfigFlags {
  readonly output: 'text' | 'json';
}

const examples = `
Exit code: 0 nothing found (infos do not count), 1 errors or warnings, 2 wrong usage.

Examples:
  sluice analyze -f rules/
  sluice analyze -f canary.yaml -f services.yaml --output json
  sluice analyze -f rules/ --namespace prod --workload web-v1=127.0.0.1:9081
  kubectl get vs,dr,gw,se,svc,deploy -o yaml | sluice analyze -f -`;

export function analyzeCommand(): Command {
  const command = new Command('analyze').description(
    'check configuration: schema and semantic findings with file:line:column',
  );
  return addIdentityOptions(addFileOption(command))
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
  const paths = requirePaths(flags);
  // Loaded here, so that no other command carries the parser.
  const { ConfigStore } = await import('../runtime/config-store.ts');
  const { checkSecretFiles } = await import('../runtime/check-secret-files.ts');
  const { FileSource } = await import('../sources/file.ts');
  const read = await new FileSource(paths).read();
  // What is wrong with a configuration does not depend on the user that checks it: every port counts
  // as one that can be bound.
  const { workload, labels, namespace } = flags;
  const store = new ConfigStore({ workload, labels, namespace }, 0);
  const checked = store.load(read.files, read.findings);
  if (checked.flagErrors.length > 0) {
    for (const { flag, message } of checked.flagErrors) {
      say(`--${flag}: ${message}`);
    }
    return exitCode.usage;
  }
  const order = new Map(read.files.map(({ path }, index) => [path, index]));
  const ofFiles = checked.loaded === null ? [] : await checkSecretFiles(checked.loaded);
  const findings = [...read.findings, ...checked.findings, ...ofFiles]
    .map((finding) => withPaths(finding, paths))
    .sort((a, b) => compareFindings(a, b, order));
  const color = usesColor();
  const text =
    flags.output === 'json'
      ? `${JSON.stringify(findings, null, 2)}\n`
      : renderFindings(findings, { files: read.files, color });
  process.stdout.write(text);
  return findings.some(counts) ? exitCode.failure : exitCode.ok;
}

/** That nothing was found is about all paths together. */
function withPaths(finding: Finding, paths: readonly string[]): Finding {
  if (finding.code !== findingCode.noResources) return finding;
  return { ...finding, message: `${finding.message} in ${paths.join(', ')}` };
}

function counts(finding: Finding): boolean {
  return finding.severity !== 'info';
}
