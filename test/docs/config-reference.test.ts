import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { configReference } from '../../docs/generate-config-reference.ts';
import { kindSchemas } from '../../src/config/schema/kinds.ts';
import { itemsOf, propertiesOf, valuesOf, view } from '../../src/config/schema/walk.ts';

const folder = join(import.meta.dirname, '../../docs/config');

t.test('docs/config is what the schemas make', async (t) => {
  const reference = configReference();
  t.strictSame(readdirSync(folder).sort(), [...reference.keys()].sort());
  for (const [name, content] of reference) {
    const hint = `${name}: run node docs/generate-config-reference.ts`;
    t.equal(readFileSync(join(folder, name), 'utf8'), content, hint);
  }
});

t.test('every field has a description', async (t) => {
  type Schema = Parameters<typeof view>[0];
  const missing: string[] = [];
  const visit = (path: string, schema: Schema): void => {
    for (const [name, field] of Object.entries(propertiesOf(schema))) {
      if (view(field).description === undefined) missing.push(`${path}.${name}`);
      visit(`${path}.${name}`, itemsOf(field) ?? valuesOf(field) ?? field);
    }
  };
  for (const { kind, schema } of Object.values(kindSchemas)) visit(kind, schema);
  t.strictSame(missing, []);
});
