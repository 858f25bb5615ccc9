/** A text all the way from a file to what would serve it, and what must hold of any text. */

import { SeededRandom } from '../../src/base/random.ts';
import type { Finding } from '../../src/config/finding.ts';
import { findingCode } from '../../src/config/finding-code.ts';
import { buildSnapshot } from '../../src/runtime/build-snapshot.ts';
import { ConfigStore } from '../../src/runtime/config-store.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { ManualClock } from './manual-clock.ts';

const file = 'rules.yaml';

/**
 * What is wrong with how `text` was handled, one sentence each; none where all is well. Throws
 * where something below throws.
 */
export function checkConfiguration(text: string): string[] {
  const clock = new ManualClock();
  const store = new ConfigStore({}, 0, clock);
  const { loaded, findings } = store.load([{ path: file, text }]);
  const faults = [...findings, ...store.analyze(findings)].flatMap((finding) =>
    placeFaults(finding, text),
  );
  if (loaded !== null) {
    buildSnapshot(loaded.mesh, null, { clock, random: new SeededRandom(1), hash64 });
  }
  return faults;
}

/** Findings of a whole file have line 0; that nothing was found at all has no file. */
function placeFaults(finding: Finding, text: string): string[] {
  const { code, severity, message, line, column } = finding;
  const what = `${severity} ${code} "${message}" at ${finding.file}:${line}:${column}`;
  if (message === '') return [`${what}: no message`];
  if (severity !== 'error' || code === findingCode.noResources) return [];
  if (finding.file !== file) return [`${what}: not in the file`];
  const lines = text.split('\n');
  const isInside = line >= 1 && line <= lines.length && column >= 1;
  const length = lines[line - 1]?.length ?? 0;
  return isInside && column <= length + 1 ? [] : [`${what}: no such place`];
}
