import t from 'tap';
import { renderDifference } from '../../src/cli/diff-text.ts';

const esc = '\u001b';
const found = {
  regions: [],
  connections: [],
  others: [
    {
      kind: 'listener' as const,
      name: `a${esc}[2J`,
      change: 'changed' as const,
      differences: [{ field: 'address', old: '127.0.0.1', new: `127.0.0.2${esc}` }],
    },
  ],
  notes: [],
};

t.test('colours are kept, control characters of names are not', async (t) => {
  const lines = renderDifference(found, true).split('\n');
  t.same(lines.slice(0, 4), [
    `${esc}[1mlistener a\ufffd[2J: changed${esc}[0m`,
    '   address',
    `${esc}[31m     - 127.0.0.1${esc}[0m`,
    `${esc}[32m     + 127.0.0.2\ufffd${esc}[0m`,
  ]);
  t.equal(lines.at(-2), '1 other difference.');
  t.notMatch(renderDifference(found, false), esc);
});
