/** One side of a comparison: files, a revision of git, or a running proxy. */

import { existsSync } from 'node:fs';
import { err, ok, type Result } from '../../base/result.ts';
import type { Finding } from '../../config/finding.ts';
import type { Mesh } from '../../model/mesh.ts';
import { ConfigStore, type LoadedConfig } from '../../runtime/config-store.ts';
import { secretNamesOf } from '../../runtime/secret-names.ts';
import { FileSource, type FilesRead } from '../../sources/file.ts';
import { parseGitPlace, readGitRevision } from '../../sources/git-revision.ts';
import { AdminConnection } from '../options/admin-connection.ts';
import type { ConfigFlags } from '../options/config-options.ts';
import { say } from '../output/say.ts';

const adminAddress = /^(https?:\/\/.+|[\w.-]+:\d+|\[[0-9A-Fa-f:.]+\]:\d+)$/;

export interface ReadSide {
  readonly mesh: Mesh;
  /** Its listeners are bound where its flags and privileges let them be. */
  readonly isRunning: boolean;
  /** Certificates of Secrets that are not there; null: that is not known. */
  readonly missingSecrets: ReadonlySet<string> | null;
}

/** `common` belongs to both sides. The error is a sentence for people. */
export async function readSide(
  place: string,
  common: FilesRead,
  flags: ConfigFlags,
): Promise<Result<ReadSide, string>> {
  const revision = parseGitPlace(place);
  if (revision === null && place.startsWith('git:') && !existsSync(place)) {
    return err(`${place}: write git:REVISION:PATH, for example git:main:rules`);
  }
  if (revision !== null) {
    const files = await readGitRevision(revision);
    if (!files.ok) return files;
    return modelOf(place, { own: { files: files.value, findings: [] }, common }, flags);
  }
  if (adminAddress.test(place) && !existsSync(place)) return runningModel(place);
  return modelOf(place, { own: await new FileSource([place]).read(), common }, flags);
}

async function modelOf(
  place: string,
  { own, common }: { readonly own: FilesRead; readonly common: FilesRead },
  { workload, labels, namespace }: ConfigFlags,
): Promise<Result<ReadSide, string>> {
  const files = [...common.files, ...own.files];
  const unread = [...common.findings, ...own.findings];
  // Which ports can be bound is no matter of the configuration.
  const store = new ConfigStore({ workload, labels, namespace }, 0);
  const { loaded, flagErrors, findings } = store.load(files, unread);
  const [flagError] = flagErrors;
  if (flagError !== undefined) return err(`--${flagError.flag}: ${flagError.message}`);
  const errors = [...unread, ...findings].filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (loaded === null) return err(`${place}: ${first?.message ?? 'no configuration'}`);
  if (own.files.length === 0) return err(`${place}: ${first?.message ?? 'no configuration'}`);
  if (first !== undefined) {
    const rest = errors.length === 1 ? '' : ` and ${errors.length - 1} more`;
    say(`${place} is compared without what is wrong in it: ${first.message}${at(first)}${rest}`);
  }
  return ok({ mesh: loaded.mesh, isRunning: false, missingSecrets: missingSecrets(loaded) });
}

/** Files of certificates are where a proxy runs. */
function missingSecrets({ mesh, secrets }: LoadedConfig): ReadonlySet<string> {
  const given = new Set(secrets.map(({ name }) => name));
  const names = [...secretNamesOf(mesh)].filter((name) => name.startsWith('kubernetes://'));
  return new Set(names.filter((name) => !given.has(name)));
}

function at({ file, line, column }: Finding): string {
  if (file === '') return '';
  return line === 0 ? ` (${file})` : ` (${file}:${line}:${column})`;
}

async function runningModel(place: string): Promise<Result<ReadSide, string>> {
  const page = await new AdminConnection({ admin: place }).page('/config_dump');
  if (!page.ok) return page;
  try {
    const { mesh } = JSON.parse(page.value) as { readonly mesh?: Mesh };
    if (mesh?.routeTables !== undefined) return ok({ mesh, isRunning: true, missingSecrets: null });
  } catch {
    // Something else answers there, which is told below.
  }
  return err(`${place} is no admin API of sluice: its /config_dump has no model`);
}
