/** docs/api.md and docs/openapi.json against the code, both ways. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openApiText } from '../../docs/generate-openapi.ts';
import { createAdminEndpoints } from '../../src/admin/admin-endpoints.ts';
import { apiPrefix } from '../../src/admin/api/openapi-document.ts';
import { parametersOf } from '../../src/admin/endpoints/help.ts';
import {
  filterAliases,
  filterFieldNames,
} from '../../src/telemetry/traffic/request-filter-fields.ts';
import { readDoc } from '../support/read-doc.ts';

const page = readDoc('api.md');

function section(title: string): string {
  return page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const document = JSON.parse(readDoc('openapi.json')) as OpenApi;

t.test('the OpenAPI document is the one that the schemas make', (t) => {
  t.equal(readDoc('openapi.json'), openApiText(), 'run node docs/generate-openapi.ts');
  t.equal(document.openapi, '3.1.0');
  t.end();
});

t.test('the document and the endpoints have the same paths and parameters', (t) => {
  const described = Object.entries(document.paths).map(([path, { get }]) => {
    const names = (place: string) =>
      get.parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
    return { path, query: names('query'), variables: names('path') };
  });
  const own = createAdminEndpoints().filter(({ path }) => path.startsWith(apiPrefix));
  const existing = own.map((endpoint) => ({
    path: endpoint.path,
    query: parametersOf(endpoint).map(({ name }) => name),
    variables: [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
  }));
  t.same(described, existing);
  t.end();
});

t.test('every reference leads to a schema, and every schema is referred to', (t) => {
  const text = readDoc('openapi.json');
  const found = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  const known = Object.keys(document.components.schemas);
  const ofEvents = ['DroppedRequests'];
  t.same([...new Set([...found, ...ofEvents])].sort(), known.toSorted());
  t.end();
});

t.test('every path is on the page with its parameters', (t) => {
  const rows = [...page.matchAll(/^\| `GET (\/api\/v1\/\S*)` \| (.*?) ?\|/gm)];
  const documented = rows.map(([, path = '', names = '']) => {
    const parameters = [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    return `${path} ${parameters.join()}`;
  });
  const existing = Object.entries(document.paths).map(([path, { get }]) => {
    const query = get.parameters.filter((parameter) => parameter.in === 'query');
    return `${path} ${query.map(({ name }) => name).join()}`;
  });
  t.same(documented.sort(), existing.sort());
  t.end();
});

t.test('every field of a filter is on the page', (t) => {
  const rows = [
    ...section('Filters').matchAll(/^\| (`[a-z].*?) \| (?:number|dur|bytes|list|text)/gm),
  ];
  const names = rows.flatMap(([, cell = '']) => [...cell.matchAll(/`([\w.]+)`/g)]);
  t.same(names.map(([, name]) => name).sort(), filterFieldNames.toSorted());
  for (const alias of Object.keys(filterAliases)) {
    t.match(section('Filters'), new RegExp(`Shorter names:.*\`${alias}\``, 's'));
  }
  t.end();
});

t.test('every event of the stream is on the page', (t) => {
  const source = readFileSync(
    join(import.meta.dirname, '../../src/admin/api/request-stream.ts'),
    'utf8',
  );
  const events = [...source.matchAll(/formatEvent\('(\w+)'/g)].map(([, name]) => name);
  const rows = [...section('Recent and live requests').matchAll(/^\| `(\w+)` \|/gm)];
  t.same(rows.map(([, name]) => name).sort(), events.sort());
  t.end();
});
