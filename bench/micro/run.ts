/** Runs every benchmark of this folder, each in a process of its own. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const self = basename(import.meta.filename);

for (const name of readdirSync(import.meta.dirname).sort()) {
  if (!name.endsWith('.ts') || name === self) continue;
  console.log(`\n== ${name}`);
  const run = spawnSync(process.execPath, [join(import.meta.dirname, name)], { stdio: 'inherit' });
  if (run.status !== 0) process.exitCode = 1;
}
