import t from 'tap';
import {
  allFiles,
  filesUnder,
  linesThatMatch,
  typescriptUnder,
  withoutComments,
} from './source-tree.ts';

// Lines of a function, cycles, `any` and default exports are left to Biome (biome.json).
const linesMax = 500;
const columnsMax = 100;
const exportsMax = 8;

const source = typescriptUnder('src');
const code = [...source, ...typescriptUnder('test'), ...typescriptUnder('bench')];

t.test(`no file of src is longer than ${linesMax} lines`, async (t) => {
  const lines = (text: string) => text.split('\n').length - 1;
  t.same(
    source.filter(({ text }) => lines(text) > linesMax).map(({ path }) => path),
    [],
  );
});

t.test(`no line of code is longer than ${columnsMax} columns`, async (t) => {
  // The formatter leaves alone only what it cannot break: strings, templates and regexes.
  const unbreakable = /['"`/]/;
  const long = code.flatMap((file) =>
    file.text
      .split('\n')
      .map((line, index) => ({ line, at: `${file.path}:${index + 1}` }))
      .filter(({ line }) => line.length > columnsMax && !unbreakable.test(line))
      .map(({ at }) => at),
  );
  t.same(long, []);
});

t.test(
  `no file of src exports more than ${exportsMax} things, models and schemas apart`,
  async (t) => {
    const many = source.filter(({ path, text }) => {
      if (/^src\/(model|(config|admin\/api)\/schema)\//.test(path)) return false;
      const names = new Set(
        [...withoutComments(text).matchAll(/^export (?:async )?[a-z]+ (\w+)/gm)].map(
          ([, name]) => name,
        ),
      );
      return names.size > exportsMax;
    });
    t.same(
      many.map(({ path }) => path),
      [],
    );
  },
);

t.test('every file of src says at its top what it is for', async (t) => {
  const silent = source.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text));
  t.same(
    silent.map(({ path }) => path),
    [],
  );
});

t.test('files are named in kebab case, and none is a grab bag', async (t) => {
  const names = source.map(({ path }) => path);
  t.same(
    names.filter((path) => !/^src(\/[a-z0-9]+(-[a-z0-9]+)*)+\.ts$/.test(path)),
    [],
  );
  t.same(
    names.filter((path) => /\/(utils?|helpers?|common|types|index)(\.ts|\/)/.test(path)),
    [],
  );
});

t.test('time and chance come from src/base alone', async (t) => {
  const forbidden =
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bMath\.random\b|\bset(Timeout|Interval)\b|\bprocess\.hrtime\b|'node:(timers(\/promises)?|perf_hooks)'/;
  const users = source.filter(({ path }) => !path.startsWith('src/base/'));
  // The script of the demo's page runs in a browser.
  const checked = users.filter(({ path }) => path !== 'src/demo/product-page-assets.ts');
  t.same(
    checked.flatMap((file) => linesThatMatch(file, forbidden)),
    [],
  );
});

t.test('there is no mutable state of a module', async (t) => {
  // A child process is all of one thing, its entry point may hold it.
  const modules = source.filter(({ path }) => !path.endsWith('-process.ts'));
  t.same(
    modules.flatMap((file) => linesThatMatch(file, /^(export )?(let|var) /)),
    [],
  );
});

t.test('nothing is left to do without a reference', async (t) => {
  const marker = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b(?!.*#\\d)`);
  // The pipeline counts tests that are marked so.
  const left = allFiles().filter(({ path, text }) => path !== '.ci/count.mjs' && marker.test(text));
  t.same(
    left.map(({ path }) => path),
    [],
  );
});

t.test('no file names a folder of the machine it was written on', async (t) => {
  const machine = /(?<![\w.-])\/(home|Users|root|work)\/[\w.-]/;
  const naming = allFiles().flatMap((file) =>
    file.text.split('\n').flatMap((line, index) => {
      return machine.test(line) ? [`${file.path}:${index + 1}`] : [];
    }),
  );
  t.same(naming, []);
});

t.test('every test file is run: it ends in .test.ts and lies beside what it tests', async (t) => {
  const importing = typescriptUnder('test').filter(({ text }) => /^(await )?t\.test\(/m.test(text));
  t.same(
    importing.map(({ path }) => path).filter((path) => !path.endsWith('.test.ts')),
    [],
  );
  const levels = new Set(filesUnder('src').map(({ path }) => path.split('/')[1]));
  const own = new Set([
    ...['bench', 'e2e', 'conformance', 'contract', 'docs', 'repo', 'support', 'fixtures'],
  ]);
  const folders = new Set(typescriptUnder('test').map(({ path }) => path.split('/')[1] ?? ''));
  t.same(
    [...folders].filter((name) => !levels.has(name) && !own.has(name)),
    [],
  );
});
