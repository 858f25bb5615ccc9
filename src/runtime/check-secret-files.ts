/** What a proxy would find wrong with files of certificates when it starts. */

import type { Finding } from '../config/finding.ts';
import type { LoadedConfig } from './config-store.ts';
import { fieldAtFault, readSecretFiles, secretFilesOf } from './secret-files.ts';
import { secretRefused } from './system-findings.ts';

export async function checkSecretFiles({ mesh, fileFields }: LoadedConfig): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const files of secretFilesOf(mesh)) {
    const read = await readSecretFiles(files);
    if (read.ok) continue;
    const { origin, hasSubstitute } = files;
    const field = fieldAtFault(files, read.error, fileFields);
    findings.push(secretRefused(read.error, { origin, field, keeps: false, hasSubstitute }));
  }
  return findings;
}
