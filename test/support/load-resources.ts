/** Resources of files that are read once. */

import { type LoadedResources, ResourceLoader } from '../../src/config/parse/load.ts';
import type { SourceFile } from '../../src/config/parse/source-file.ts';

/** A ResourceLoader, used once. */
export function loadResources(files: readonly SourceFile[], localTls = false): LoadedResources {
  return new ResourceLoader().load(files, localTls);
}
