import t from 'tap';
import { renderDifference } from '../../src/cli/diff-text.ts';

const escape = '\u001b';
const found = {
  regions: [],
  connections: [],
  others: [
    {
      kind: 'listener' as const,
      name: `a${escape}[2J`,
      change: 'changed' as const,
      differences: [{ field: 'address', old: '127.0.0.1', new: `127.0.0.2${escape}` }],
    },
  ],
  notes: [],
};

t.test('colours are kept, control characters of names are not', async (t) => {
  const lines = renderDifference(found, true).split('\n');
  t.same(lines.slice(0, 4), [
    `${escape}[1mlistener a\ufffd[2J: changed${escape}[0m`,
    '   address',
    `${escape}[31m     - 127.0.0.1${escape}[0m`,
    `${escape}[32m     + 127.0.0.2\ufffd${escape}[0m`,
  ]);
  t.notMatch(renderDifference(found, false), escape);
});
