/** The version of the installed package. */

import { readFileSync } from 'node:fs';
import { packageFile } from './program-files.ts';

export function programVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string })
    .version;
}
