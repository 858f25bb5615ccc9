import t from 'tap';
import { parse } from 'yaml';
import { resourceYaml } from '../../src/convert/resource-yaml.ts';

const resource = {
  apiVersion: 'example.test/v1',
  kind: 'Example',
  metadata: { name: 'a', namespace: 'b' },
};

t.test('the comment stands right above the resource', async (t) => {
  const text = resourceYaml({ ...resource, spec: {}, remarks: ['From x.', 'And y.'] });
  t.match(text, /^# From x\.\n# And y\.\napiVersion: example\.test\/v1\nkind: Example\n/);
});

t.test('texts that YAML 1.1 takes for something else are quoted', async (t) => {
  const spec = { texts: ['yes', 'on', '12:30', '0o7', '017', '*', 'null', '1e3'] };
  const text = resourceYaml({ ...resource, spec, remarks: [] });
  t.strictSame((parse(text, { version: '1.1' }) as { spec: unknown }).spec, spec);
  t.strictSame((parse(text, { version: '1.2' }) as { spec: unknown }).spec, spec);
});

t.test('equal parts are written out, and long texts stay on their line', async (t) => {
  const part = { text: 'word '.repeat(60).trim() };
  const text = resourceYaml({ ...resource, spec: { a: part, b: part }, remarks: [] });
  t.notMatch(text, /[&*]a\d/);
  t.equal(text.split('\n').filter((line) => line.includes('word word')).length, 2);
});
