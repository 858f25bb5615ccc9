import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import t from 'tap';
import { root, type SourceFile, typescriptUnder, withoutComments } from './source-tree.ts';

// A folder may import folders of lower levels and its own files; folders of one level never import
// each other. See ARCHITECTURE.md.
const levels: ReadonlyArray<readonly string[]> = [
  ['base'],
  ['model', 'http1', 'http2'],
  ['config', 'routing', 'cluster', 'transport', 'telemetry'],
  ['proxy', 'sources', 'local-tls'],
  ['runtime', 'demo', 'explain'],
  ['admin', 'routing-tests', 'diff', 'convert', 'loadtest'],
  ['cli'],
];
const levelOf = new Map(levels.flatMap((names, level) => names.map((name) => [name, level])));

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: SourceFile): Import[] {
  const imported = withoutComments(file.text).matchAll(/\b(?:from|import\() ?'(\.[^']+)'/g);
  return [...imported].map((match) => ({
    from: file.path,
    to: posix.normalize(`${dirname(file.path)}/${match[1]}`),
  }));
}

/** `src/proxy/router/router.ts` lies in `proxy`; `src/app.ts` in none. */
function folderOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? null) : null;
}

const files = typescriptUnder('src');
const imports = files.flatMap(importsOf);

t.test('every folder of src has a level', async (t) => {
  const folders = new Set(files.map(({ path }) => folderOf(path)).filter((name) => name !== null));
  t.same(
    [...folders].filter((name) => !levelOf.has(name)),
    [],
  );
});

t.test('ARCHITECTURE.md has each folder at its level', async (t) => {
  const table = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...table.matchAll(/^\| (\d) \| `src\/([\w-]+)\/` \|/gm)];
  const told = rows.map(([, level, name]) => `${level} ${name}`);
  const held = levels.flatMap((names, level) => names.map((name) => `${level} ${name}`));
  t.same(told.sort(), held.sort());
});

t.test('imports go down the levels', async (t) => {
  const wrong = imports.filter(({ from, to }) => {
    const [source, target] = [folderOf(from), folderOf(to)];
    // app.ts knows every folder but cli/, which starts it; main.ts knows cli/ and base/ alone.
    if (from === 'src/app.ts') return target === 'cli';
    if (from === 'src/main.ts') return target !== 'cli' && target !== 'base';
    if (source === null || target === null) return source !== 'cli' || to !== 'src/app.ts';
    return source !== target && (levelOf.get(target) ?? 0) >= (levelOf.get(source) ?? 0);
  });
  t.same(
    wrong.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

/** Of `src/proxy/tls/tls-chain.ts` in `src/proxy`: `tls`. Of what lies in the folder itself: none. */
function partOf(path: string, folder: string): string | undefined {
  const inside = path.slice(folder.length + 1).split('/');
  return inside.length > 1 ? inside[0] : undefined;
}

// What lies in such a folder itself is below all of its parts, but for the file that joins them.
for (const { folder, joinedBy } of [
  { folder: 'src/proxy', joinedBy: null },
  { folder: 'src/cluster', joinedBy: 'src/cluster/live-cluster.ts' },
  { folder: 'src/config/translate', joinedBy: 'src/config/translate/mesh.ts' },
]) {
  t.test(
    `parts of ${folder} import those above them in ARCHITECTURE.md, types aside`,
    async (t) => {
      const table = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
      const rows = table.matchAll(new RegExp(`^\\| \`${folder}/([\\w-]+)/\` \\|`, 'gm'));
      const order = [...rows].map(([, name]) => name);
      const inside = files.filter(({ path }) => path.startsWith(`${folder}/`) && path !== joinedBy);
      const parts = inside.map(({ path }) => partOf(path, folder));
      t.same(new Set(parts), new Set([undefined, ...order]));
      const wrong = inside
        .map(({ path, text }) => ({ path, text: text.replaceAll(/^import type [^;]*;/gm, '') }))
        .flatMap(importsOf)
        .filter(({ to }) => to.startsWith(`${folder}/`))
        .filter(({ from, to }) => {
          return order.indexOf(partOf(from, folder)) < order.indexOf(partOf(to, folder));
        });
      t.same(
        wrong.map(({ from, to }) => `${from} imports ${to}`),
        [],
      );
    },
  );
}

t.test('every relative import names a file, with its ending', async (t) => {
  const known = new Set(files.map(({ path }) => path));
  t.same(
    imports.filter(({ to }) => !known.has(to)).map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

t.test('every file of src is reached from main.ts', async (t) => {
  const reached = new Set<string>();
  // Entry points of processes and threads are started by path instead of being imported.
  const entryPoints = files
    .map(({ path }) => path)
    .filter((path) => /-(process|thread)\.ts$/.test(path));
  const waiting = ['src/main.ts', ...entryPoints];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...imports.filter(({ from }) => from === path).map(({ to }) => to));
  }
  t.same(
    files.map(({ path }) => path).filter((path) => !reached.has(path)),
    [],
  );
});
