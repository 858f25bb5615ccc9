/** Values of src/ are exported only for somebody who imports them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const root = join(import.meta.dirname, '../..');

function sourcesIn(folder: string): Map<string, string> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts'));
  return new Map(
    sources.map((name) => {
      const path = `${folder}/${name}`;
      return [path, readFileSync(join(root, path), 'utf8')];
    }),
  );
}

/** Schemas are read as a set: each has a name and a type, used or not. */
const excepted = /^src\/(config|admin\/api)\/schema\//;

const exported = /^export (?:async |abstract )?(?:const|function\*?|class) (\w+)/gm;

/** The names between the braces of `import { … }` and of `{ … } = await import(…)`. */
const imported = /^import (?:type )?\{([^}]*)\}|\{([^}]*)\} = await import\(/gm;

t.test('every exported value is imported by another file', async (t) => {
  const files = ['src', 'test', 'bench', 'docs'].flatMap((folder) => [...sourcesIn(folder)]);
  const lists = files.flatMap(([, text]) => [...text.matchAll(imported)].map(([list]) => list));
  const used = new Set(lists.join().match(/\w+/g));
  const unused: string[] = [];
  for (const [path, text] of files) {
    if (!path.startsWith('src/') || excepted.test(path)) continue;
    for (const [, name = ''] of text.matchAll(exported)) {
      if (!used.has(name)) unused.push(`${path}: ${name}`);
    }
  }
  t.same(unused, []);
});
