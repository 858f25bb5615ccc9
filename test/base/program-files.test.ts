import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { packageFile, programModule } from '../../src/base/program-files.ts';

const root = join(import.meta.dirname, '../..');

/** What src/ asks for, and what build.ts makes. */
const asked = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) => [...readFileSync(join(root, 'src', path), 'utf8').matchAll(askedPattern())])
  .map(([, path]) => path as string);
const built = [
  ...readFileSync(join(root, 'build.ts'), 'utf8').matchAll(/^ {2}'([\w/-]+)',$/gm),
].map(([, path]) => path as string);

function askedPattern(): RegExp {
  return /(?:programModule|fileOf)\('([^']+)'\)/g;
}

t.test('in the tree a program is a file of src/', async (t) => {
  t.ok(asked.length > 5);
  for (const path of asked) {
    const file = fileURLToPath(programModule(path));
    t.equal(relative(root, file), ['src', ...`${path}.ts`.split('/')].join(sep));
    t.ok(existsSync(file), path);
  }
});

t.test('the package has every program that is started, and no other', async (t) => {
  t.same([...built].sort(), [...new Set([...asked, 'main'])].sort());
});

t.test('in the package programs lie side by side, so their names differ', async (t) => {
  const names = built.map((path) => path.slice(path.lastIndexOf('/') + 1));
  t.equal(new Set(names).size, names.length);
});

t.test('files of the package are found from the tree', async (t) => {
  t.ok(existsSync(packageFile('package.json')));
  t.ok(existsSync(packageFile('config/bookinfo')));
});
