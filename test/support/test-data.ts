/** Where the shared test data lies, if it is there at all. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const projectRoot = join(import.meta.dirname, '../..');

/** `SLUICE_DATA`, or `../shared/data` from the project's root; relative paths start at the root. */
export function dataFolder(): string {
  return resolve(projectRoot, process.env.SLUICE_DATA ?? '../shared/data');
}

/** The path of a data set, or null where it is absent. */
export function dataSet(name: string): string | null {
  const path = join(dataFolder(), name);
  return existsSync(path) ? path : null;
}

/** What a skipped test prints. */
export function missingData(name: string): string {
  return `no test data: ${name} is not in SLUICE_DATA (${dataFolder()})`;
}
