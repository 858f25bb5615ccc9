import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { jsonSchemas } from '../../docs/generate-json-schemas.ts';
import { editorSchema } from '../support/editor-schema.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'config/schema');

t.test('config/schema is what the schemas make', async (t) => {
  const schemas = jsonSchemas();
  const published = readdirSync(folder).filter((name) => name.endsWith('.json'));
  t.strictSame(published.sort(), [...schemas.keys()].sort());
  for (const [name, content] of schemas) {
    const hint = `${name}: run node docs/generate-json-schemas.ts`;
    t.equal(readFileSync(join(folder, name), 'utf8'), content, hint);
  }
});

t.test('all that is shipped in config/ is accepted', async (t) => {
  const check = editorSchema();
  const files = globSync('config/*/*.yaml', { cwd: root });
  t.ok(files.length > 20);
  for (const file of files.filter((name) => !name.startsWith('config/ci/'))) {
    const text = readFileSync(join(root, file), 'utf8');
    const values = parseAllDocuments(text).map((document) => document.toJS());
    for (const value of values.filter((one) => one?.apiVersion !== undefined)) {
      t.strictSame(check(value), [], file);
    }
  }
});

const head = (kind: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: a}\n`;

const virtualService = (http: string) =>
  `${head('VirtualService')}spec:\n  hosts: [a]\n  http: [${http}]\n`;

const destinationRule = (policy: string) =>
  `${head('DestinationRule')}spec:\n  host: a\n  trafficPolicy: ${policy}\n`;

const accepted: readonly string[] = [
  virtualService('{route: [{destination: {host: a}, weight: 10}], timeout: 1h30m, retries: null}'),
  virtualService('{match: [{headers: {x-there: null}}], redirect: null}'),
  destinationRule('{loadBalancer: {simple: ROUND_ROBIN, consistentHash: null}}'),
  destinationRule('null'),
  'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}], other: 1}\n',
  'apiVersion: gateway.networking.k8s.io/v1\nkind: UDPRoute\nspec: {rules: []}\n',
  'apiVersion: batch/v1\nkind: Job\nspec: {}\n',
  'apiVersion: sluice.dev/v1\nkind: Bootstrap\nspec:\n',
];

const refused: readonly (readonly [text: string, mistake: RegExp])[] = [
  [virtualService('{rout: []}'), /^\/spec\/http\/0\/rout must NOT have additional/],
  [virtualService('{timeout: 5}'), /^\/spec\/http\/0\/timeout must be string/],
  [virtualService('{timeout: 5 s}'), /^\/spec\/http\/0\/timeout must match pattern/],
  [virtualService('{match: [{uri: {exact: /a, prefix: /b}}]}'), /\/uri must NOT be valid/],
  [destinationRule('{loadBalancer: {simple: ROUND}}'), /\/simple must be equal to one/],
  [`${head('VirtualService')}spce: {}\n`, /^\/spce must NOT have additional/],
  [head('Gateway'), /must have required property 'spec'/],
  [
    'apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: a}\nspec: {trace: []}\n',
    /^\/spec\/trace must NOT have additional/,
  ],
  ['apiVersion: networking.istio.io/v9\nkind: Gateway\n', /^\/apiVersion must be equal to one/],
  ['kind: Gateway\n', /must have required property 'apiVersion'/],
];

t.test('what the proxy takes, the schema takes', async (t) => {
  const check = editorSchema();
  for (const text of accepted) t.strictSame(check(parse(text)), [], text);
});

t.test('what is misspelt or of a wrong type is refused', async (t) => {
  const check = editorSchema();
  for (const [text, mistake] of refused) {
    t.ok(
      check(parse(text)).some((one) => mistake.test(one)),
      text,
      { found: check(parse(text)) },
    );
  }
});

t.test('only values are defaults', async (t) => {
  const schema = JSON.parse(readFileSync(join(folder, 'virtual-service.json'), 'utf8'));
  const { retries, timeout } = schema.properties.spec.properties.http.items.properties;
  t.equal(retries.properties.backoff.default, '25ms');
  t.equal(retries.properties.perTryTimeout.default, undefined);
  t.match(retries.properties.perTryTimeout.description, /Default: the timeout of the route/);
  t.type(timeout.description, 'string');
});
