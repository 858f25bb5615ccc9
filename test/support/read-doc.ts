/** The text of a file below docs/. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function readDoc(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
}
