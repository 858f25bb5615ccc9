import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';

// config/schema/routing-tests.json as editors use it.

const root = join(import.meta.dirname, '../..');
const schema = readFileSync(join(root, 'config/schema/routing-tests.json'), 'utf8');
const accepts = new Ajv({ strict: false }).compile(JSON.parse(schema));

t.test('the tests of the example are accepted', async (t) => {
  const files = globSync('config/routing-tests/tests/*.yaml', { cwd: root });
  t.equal(files.length, 2);
  for (const file of files) {
    t.ok(accepts(parse(readFileSync(join(root, file), 'utf8'))), file);
  }
});

t.test('what the command refuses is refused', async (t) => {
  const request = 'request: {authority: a}';
  t.ok(accepts(parse(`testCases: [{description: a, ${request}}]`)));
  for (const test of [
    '{description: a}',
    `{${request}}`,
    `{description: a, ${request}, rout: []}`,
    '{description: a, request: {authority: a, scheme: ftp}}',
    `{description: a, ${request}, timeout: 5}`,
  ]) {
    t.notOk(accepts(parse(`testCases: [${test}]`)), test);
  }
});
