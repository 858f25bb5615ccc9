/**
 * Files that are there still and have lost every resource: so looks one that is cut off by a full
 * disk or an editor. What was in them is gone, as its author may have wanted, but not in silence.
 */

import type { Finding } from '../config/finding.ts';
import { findingCode, severityOf } from '../config/finding-code.ts';
import type { SourceFile } from '../config/parse/source-file.ts';
import { type Resource, resourceLabel } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';

type AnyResource = Resource<string, unknown>;

/** So many are named; a file may have had thousands. */
const maxNames = 3;

/** `next` has what is kept of the files, too. */
export function emptiedFiles(
  previous: ResourceSet | null,
  next: ResourceSet,
  files: readonly SourceFile[],
): Finding[] {
  if (previous === null) return [];
  const present = listOf(next);
  const used = new Set(present.map(({ file }) => file));
  const labels = new Set(present.map(labelOf));
  const lost = new Map<string, string[]>();
  for (const { path } of files) if (!used.has(path)) lost.set(path, []);
  if (lost.size === 0) return [];
  for (const resource of listOf(previous)) {
    const label = labelOf(resource);
    // What has only moved to another file is not gone.
    if (!labels.has(label)) lost.get(resource.file)?.push(label);
  }
  return [...lost].flatMap(([file, gone]) => (gone.length === 0 ? [] : [emptied(file, gone)]));
}

function listOf(resources: ResourceSet): AnyResource[] {
  return (Object.values(resources) as readonly (readonly AnyResource[])[]).flat();
}

function labelOf({ kind, metadata }: AnyResource): string {
  return resourceLabel(kind, metadata.namespace, metadata.name);
}

function emptied(file: string, gone: readonly string[]): Finding {
  const more = gone.length - maxNames;
  const names = gone.slice(0, maxNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return {
    code: findingCode.emptiedFile,
    severity: severityOf[findingCode.emptiedFile],
    message: `the file has no resources any more; gone: ${names}`,
    hint: null,
    file,
    line: 0,
    column: 0,
    path: '',
    resource: '',
  };
}
