import t from 'tap';
import { builtInOrigin, originPlace } from '../../src/model/origin.ts';

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
