import t from 'tap';
import { builtInOrigin, originPlace, readPlace } from '../../src/model/origin.ts';

t.test('a place is told as editors take it', async (t) => {
  t.equal(originPlace({ file: 'rules/reviews.yaml', line: 12 }), 'rules/reviews.yaml:12');
  t.equal(originPlace({ file: 'rules/reviews.yaml', line: 0 }), 'rules/reviews.yaml');
});

t.test('standard input has no name of its own', async (t) => {
  t.equal(originPlace({ file: '-', line: 12 }), 'standard input:12');
});

t.test('what the proxy made by itself is written nowhere', async (t) => {
  t.equal(originPlace(builtInOrigin), '');
  t.equal(originPlace(null), '');
});

t.test('a place that was told can be read', async (t) => {
  for (const file of ['rules/reviews.yaml', '-', 'C:12:3.yaml', '']) {
    for (const line of [0, 12]) {
      const origin = { file, line: file === '' ? 0 : line };
      t.strictSame(readPlace(originPlace(origin)), origin);
    }
  }
});
