import t from 'tap';
import type { Finding } from '../../src/config/finding.ts';
import type { ResourceSet } from '../../src/config/resource-set.ts';
import { keepLastGood } from '../../src/runtime/last-good.ts';
import { loadResources } from '../support/load-resources.ts';

type Files = Readonly<Record<string, string>>;

function service(name: string, port: number | string = 80): string {
  return `---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: ${port}}]}\n`;
}

function load(files: Files) {
  return loadResources(Object.entries(files).map(([path, text]) => ({ path, text })));
}

/** `name:port` of each Service after a reload from `before` to `after`. */
function reloaded(before: Files, after: Files, unreadable: readonly string[] = []): string[] {
  const previous = keepLastGood(null, load(before));
  return names(keepLastGood(previous, load(after), unreadable.map(readError)));
}

function names({ services }: ResourceSet): string[] {
  return services.map(({ metadata, spec }) => `${metadata.name}:${spec.ports?.[0]?.port}`);
}

function readError(file: string): Finding {
  const place = { file, line: 0, column: 0, path: '', resource: '' };
  return { code: 'SLC0001', severity: 'error', message: 'no permission', hint: null, ...place };
}

const sound = { 'a.yaml': service('a') + service('b') + service('c') };
const syntaxError = 'kind: [Service\n';

t.test('without errors everything is as it is in the files', async (t) => {
  t.strictSame(reloaded(sound, { 'a.yaml': service('b', 81) + service('d') }), ['b:81', 'd:80']);
  t.strictSame(reloaded(sound, {}), []);
});

t.test('a broken resource keeps its last good version, at its place', async (t) => {
  const broken = service('a', 81) + service('b', 'none') + service('c', 81);
  t.strictSame(reloaded(sound, { 'a.yaml': broken }), ['a:81', 'b:80', 'c:81']);
  const first = service('a', 'none') + service('b', 81);
  t.strictSame(reloaded(sound, { 'a.yaml': first }), ['a:80', 'b:81']);
});

t.test('a broken resource that was never good is left out', async (t) => {
  t.strictSame(reloaded(sound, { 'a.yaml': service('d', 'none') }), []);
});

t.test('a broken document keeps all resources of its file that are not there now', async (t) => {
  const broken = `${service('a', 81)}---\n${syntaxError}`;
  t.strictSame(reloaded(sound, { 'a.yaml': broken }), ['a:81', 'b:80', 'c:80']);
});

t.test('a resource that has moved from a broken file is not there twice', async (t) => {
  const after = { 'a.yaml': syntaxError, 'b.yaml': service('b', 81) };
  t.strictSame(reloaded(sound, after), ['a:80', 'b:81', 'c:80']);
});

t.test('errors in one file keep nothing of another', async (t) => {
  const before = { 'a.yaml': service('a'), 'b.yaml': service('b') + service('c') };
  const after = { 'a.yaml': syntaxError, 'b.yaml': service('c') };
  t.strictSame(reloaded(before, after), ['a:80', 'c:80']);
});

t.test('a file that cannot be read keeps its resources, one that has gone does not', async (t) => {
  const before = { 'a.yaml': service('a'), 'b.yaml': service('b') };
  t.strictSame(reloaded(before, {}, ['a.yaml']), ['a:80']);
});

t.test('a folder that cannot be read keeps the resources of all files below it', async (t) => {
  const before = {
    'rules/a.yaml': service('a'),
    'rules/more/b.yaml': service('b'),
    'rules2/c.yaml': service('c'),
  };
  for (const folder of ['rules', 'rules/', './rules']) {
    t.strictSame(reloaded(before, {}, [folder]), ['a:80', 'b:80'], folder);
  }
  const absolute = { '/rules/a.yaml': service('a'), '/other/b.yaml': service('b') };
  t.strictSame(reloaded(absolute, {}, ['/rules']), ['a:80']);
});

t.test('the last good version outlives any number of broken ones', async (t) => {
  let current = keepLastGood(null, load(sound));
  for (const port of ['x', 'y', 'z']) {
    current = keepLastGood(current, load({ 'a.yaml': service('b', port) }));
    t.strictSame(names(current), ['b:80']);
  }
  t.strictSame(names(keepLastGood(current, load({ 'a.yaml': service('b', 81) }))), ['b:81']);
});

t.test('kinds with the same name are different resources', async (t) => {
  const before = `${service('a')}---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: a}\n`;
  const previous = keepLastGood(null, load({ 'a.yaml': before }));
  const next = keepLastGood(previous, load({ 'a.yaml': service('a', 'none') }));
  t.same(next.services.length, 1);
  t.same(next.endpoints.length, 0);
});
