/**
 * Behaviour recorded from Istio and Envoy, through the real command. Fails where an area passes
 * fewer requests than its floor, and names the rows that fail within it; `run.ts` lists what differs.
 */

import t from 'tap';
import { dataSet, missingData } from '../../support/test-data.ts';
import { readFloors } from './floors.ts';
import { levels } from './mismatch.ts';
import { failingRows, formatFailures, formatScores, percent, scoresByArea } from './report.ts';
import { playSet } from './suite-sets.ts';

t.setTimeout(600_000);

for (const [name, floors] of Object.entries(readFloors())) {
  const skip = dataSet(name) === null ? missingData(name) : false;
  t.test(`recorded behaviour of Istio and Envoy: ${name}`, { skip }, async (t) => {
    const results = (await playSet(name, { jobs: 3 }))?.results ?? [];
    t.comment(formatScores(results));
    const scores = scoresByArea(results);
    t.same(
      scores.map(({ area }) => area),
      Object.keys(floors).sort(),
    );
    for (const score of scores) {
      for (const level of levels) {
        const floor = floors[score.area]?.[level] ?? 100;
        const reached = percent(score, level);
        t.ok(reached >= floor, `${score.area}, level ${level}: ${reached} %, at least ${floor} %`);
      }
    }
    if (!t.passing()) t.comment(formatFailures(results, 3));
    else for (const row of failingRows(results)) t.comment(`let pass: ${row}`);
  });
}
