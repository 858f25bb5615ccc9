/** The configuration that `sluice explain` asks where no proxy runs: compiled from files. */

import { loadXxHash64 } from '../../base/xxhash64.ts';
import { formatFinding } from '../../config/finding.ts';
import { compileConfig } from '../../explain/compile-config.ts';
import type { ExplainedConfig } from '../../explain/explained-config.ts';
import type { Secret } from '../../model/secret.ts';
import type { LoadedConfig } from '../../runtime/config-store.ts';
import { requirePaths } from '../options/config-options.ts';
import { usageError } from '../options/usage-error.ts';
import { say } from '../output/say.ts';
import type { ExplainFlags } from './explain-flags.ts';

/**
 * null: the rules are refused, as a start of the proxy would, and what is wrong has been said.
 * `outbound` is a listener of the mesh, as `--outbound` of `sluice run` has it, in place of others.
 */
export async function loadExplainedConfig(
  flags: ExplainFlags,
  outbound?: string,
): Promise<ExplainedConfig | null> {
  const { ConfigStore } = await import('../../runtime/config-store.ts');
  const { FileSource } = await import('../../sources/file.ts');
  const read = await new FileSource(requirePaths(flags)).read();
  const { workload, namespace, labels, sourceLabels } = flags;
  // Nothing is bound: every port counts as one that can be.
  const identity = { workload, namespace, labels: sourceLabels ?? labels };
  const mesh = outbound === undefined ? {} : { outbound: [outbound] };
  const store = new ConfigStore({ ...identity, ...mesh }, 0);
  const { loaded, findings, flagErrors } = store.load(read.files, read.findings);
  const [wrong] = flagErrors;
  if (wrong !== undefined) {
    const flag =
      wrong.flag === 'labels' && sourceLabels !== undefined ? 'source-labels' : wrong.flag;
    throw usageError(`--${flag}: ${wrong.message}`);
  }
  const errors = [...read.findings, ...findings].filter(({ severity }) => severity === 'error');
  for (const finding of errors) say(formatFinding(finding));
  if (errors.length > 0 || loaded === null) return null;
  return compileConfig(loaded.mesh, await loadXxHash64(), await secretsOf(loaded));
}

/** What cannot be read is missing, which the explanation then says. */
async function secretsOf({ mesh, secrets }: LoadedConfig): Promise<Secret[]> {
  const { readSecretFiles, secretFilesOf } = await import('../../runtime/secret-files.ts');
  const read = await Promise.all(secretFilesOf(mesh).map(readSecretFiles));
  return [...secrets, ...read.flatMap((one) => (one.ok ? [one.value] : []))];
}
