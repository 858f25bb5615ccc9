import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findingCode, severityOf } from '../../src/config/finding-code.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/messages.md'), 'utf8');

/** The code of settings that cannot be used is not one of reading resources. */
const settingsCode = 'SLC0301';

t.test('docs/messages.md has every code, with its severity, and no other', async (t) => {
  const documented = new Map(
    [...text.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, code, severity]) => [code, severity]),
  );
  for (const code of Object.values(findingCode)) {
    t.equal(documented.get(code), severityOf[code], code);
    documented.delete(code);
  }
  t.strictSame([...documented.keys()], [settingsCode]);
});
