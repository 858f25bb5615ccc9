import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readDifferences } from '../conformance/istio-envoy/differences.ts';
import { readFloors } from '../conformance/istio-envoy/floors.ts';
import { levels } from '../conformance/istio-envoy/mismatch.ts';
import { formatDifferences, rowName } from '../conformance/istio-envoy/report-document.ts';
import { root } from './source-tree.ts';

// The document of all scores is made by the runner, from data that is not in this repository: here
// it is held against what the tests of the recordings demand.

const document = readFileSync(join(root, 'docs/istio-conformance.md'), 'utf8');
const told = readFileSync(join(root, 'docs/istio-differences.md'), 'utf8');
const differences = readDifferences();

/** Scores of a set by area, in percent: level 1 first. */
function scoresOf(set: string): Map<string, readonly number[]> {
  const section = document.split(`## Recordings \`${set}\``)[1]?.split('\n## ')[0] ?? '';
  const rows = section
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /%$/.test(cells[3] ?? ''));
  return new Map(
    rows.map(([, area = '', , ...cells]) => [area, cells.slice(0, 3).map(parseFloat)]),
  );
}

t.test('the document lists what differs on purpose, as the runner excuses it', async (t) => {
  t.ok(document.includes(formatDifferences(differences)), 'differences.json has changed since');
});

t.test('every row that differs on purpose is explained', async (t) => {
  for (const { scenario, requests } of differences) {
    t.ok(told.includes(rowName(scenario, requests ?? [])), scenario);
  }
});

t.test('fewer than ten behaviours differ on purpose', async (t) => {
  const numbers = [...told.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  t.same(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  t.ok(numbers.length > 0 && numbers.length < 10, `${numbers.length} behaviours`);
});

for (const [set, floors] of Object.entries(readFloors())) {
  t.test(`the document has every area of ${set}, none below its floor`, async (t) => {
    const scores = scoresOf(set);
    for (const [area, floor] of Object.entries(floors)) {
      const reached = scores.get(area) ?? [];
      const least = levels.map((level) => floor[level]);
      t.ok(
        least.every((percent, index) => (reached[index] ?? 0) >= percent),
        `${area}: ${reached.join(', ')}, at least ${least.join(', ')}`,
      );
    }
  });
}
