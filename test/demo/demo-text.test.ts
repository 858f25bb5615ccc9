import { join } from 'node:path';
import t from 'tap';
import { readDemoPlan } from '../../src/demo/demo-plan.ts';
import { demoText } from '../../src/demo/demo-text.ts';

const plan = readDemoPlan(join(import.meta.dirname, '../../config/bookinfo'));
if (!plan.ok) throw new Error(plan.error);

function rulesLine(folder: string): string {
  if (!plan.ok) return '';
  const text = demoText({ ...plan.value, folder }, { color: false });
  return text.split('\n').find((line) => line.includes('Rules')) ?? '';
}

t.test('what to do stands in a column, and apart from a path that is longer', async (t) => {
  t.equal(
    rulesLine('config/bookinfo'),
    '  Rules   config/bookinfo/reviews.yaml            change a weight and save',
  );
  // One letter less than the column, all of it, and more.
  for (const length of [39, 40, 80]) {
    const folder = 'f'.repeat(length - '/reviews.yaml'.length);
    t.equal(rulesLine(folder), `  Rules   ${folder}/reviews.yaml change a weight and save`);
  }
});
