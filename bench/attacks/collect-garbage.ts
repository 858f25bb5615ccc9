/**
 * Loaded into the proxy before its own modules (`--import`, with `--expose-gc`): collects garbage on
 * SIGPWR and tells so in a file. (A heap dump collects, too, but from then on V8 follows every
 * object that it moves, and each of its collections takes twice as long.)
 */

import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

const told = process.env.COLLECTED_FILE ?? '';
let times = 0;

process.on('SIGPWR', async () => {
  // Twice: what the first one finalises is free after the second.
  globalThis.gc?.();
  await nextTurn();
  globalThis.gc?.();
  times++;
  writeFileSync(told, String(times));
});
