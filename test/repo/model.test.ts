import t from 'tap';
import { typescriptUnder, withoutComments } from './source-tree.ts';

// A field of the model that only the configuration writes is a setting without effect: the user has
// to be told so (`ineffective` of the schema), and the field has no business in the model.

const users = typescriptUnder('src')
  .filter(({ path }) => !/^src\/(config|model)\//.test(path))
  .map(({ text }) => withoutComments(text));

/** Names that are taken out of an object by a pattern: `const { a, b: c } =`, `({ a }) =>`. */
const taken = new Set(
  users.flatMap((code) =>
    [...code.matchAll(/(?:(?:const|let) |\()\{([^{}]*)\}/g)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.replace(/[:=].*/s, '').trim()),
    ),
  ),
);

function isRead(field: string): boolean {
  const read = new RegExp(`\\.${field}\\b(?! = )`);
  return taken.has(field) || users.some((code) => read.test(code));
}

t.test('every field of the model is read outside the configuration', async (t) => {
  const fields = typescriptUnder('src/model').flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(/\breadonly (\w+)\??:/g)].map(([, name = '']) => ({
      path,
      name,
    })),
  );
  t.ok(fields.length > 100);
  t.same(
    fields.filter(({ name }) => !isRead(name)).map(({ path, name }) => `${path}: ${name}`),
    [],
  );
});
