import t from 'tap';
import { renderDifferenceMarkdown } from '../../../src/cli/diff/diff-markdown.ts';
import { renderDifference } from '../../../src/cli/diff/diff-text.ts';

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

t.test('notes alone are no proof that nothing differs', async (t) => {
  const unsure = { ...found, others: [], notes: ['host a.test of http.80 may differ: why'] };
  const sentence = 'No difference was found; see the notes.';
  t.equal(
    renderDifference(unsure, false),
    `note: host a.test of http.80 may differ: why\n\n${sentence}\n`,
  );
  t.match(renderDifferenceMarkdown(unsure), sentence);
  t.match(renderDifference({ ...unsure, notes: [] }, false), /^No request is treated differently/);
});

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
