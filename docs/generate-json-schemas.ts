/**
 * Writes JSON Schemas of every kind, config/schema/, for editors and CI. Run it after a change of a
 * schema: `node docs/generate-json-schemas.ts`. A test compares the files with what it makes.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KindSchema, kindSchemas, refusesUnknownFields } from '../src/config/schema/kinds.ts';
import { LoadtestFile } from '../src/loadtest/schema.ts';
import { RoutingTests } from '../src/routing-tests/schema.ts';
import { type JsonSchema, valueSchema } from './json-schema.ts';
import { kindFileName } from './kind-file-name.ts';

// What yaml-language-server and most other tools know; later drafts add nothing that is needed.
const dialect = 'http://json-schema.org/draft-07/schema#';

const comment = 'Made by docs/generate-json-schemas.ts; do not edit.';

/** RFC 1123 subdomain, as the reader of metadata asks for it. */
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 253 };

const textMap = {
  type: ['object', 'null'],
  additionalProperties: { type: ['string', 'null'] },
};

/** File name in config/schema/ to its content. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  const kinds: readonly KindSchema[] = Object.values(kindSchemas);
  const files = new Map<string, string>();
  files.set('all.json', print(anyKind(kinds)));
  for (const kind of kinds) files.set(kindFileName(kind, 'json'), print(ofKind(kind)));
  const tests = { title: 'Routing tests of sluice', ...valueSchema(RoutingTests, true) };
  files.set('routing-tests.json', print(tests));
  const scenario = { title: 'A load test of sluice', ...valueSchema(LoadtestFile, true) };
  files.set('loadtest.json', print(scenario));
  return files;
}

function print(schema: JsonSchema): string {
  return `${JSON.stringify({ $schema: dialect, $comment: comment, ...schema }, null, 1)}\n`;
}

/** A document is judged by the schema of its kind; kinds that are not read are not judged. */
function anyKind(kinds: readonly KindSchema[]): JsonSchema {
  return {
    title: 'A resource that sluice reads',
    type: 'object',
    properties: {
      apiVersion: { type: 'string', examples: [...new Set(kinds.flatMap(apiVersions))] },
      kind: { type: 'string', examples: kinds.map(({ kind }) => kind) },
    },
    required: ['apiVersion', 'kind'],
    allOf: kinds.map((kind) => ({
      if: {
        properties: { apiVersion: { pattern: groupPattern(kind) }, kind: { const: kind.kind } },
        required: ['apiVersion', 'kind'],
      },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { $ref: kindFileName(kind, 'json') },
    })),
  };
}

/** Other groups have kinds of the same names: the Gateway of gateway.networking.k8s.io. */
function groupPattern({ group }: KindSchema): string {
  return group === '' ? '^[^/]*$' : `^${group.replaceAll('.', '\\.')}/`;
}

function apiVersions({ group, versions }: KindSchema): string[] {
  return versions.map((version) => (group === '' ? version : `${group}/${version}`));
}

function ofKind(kind: KindSchema): JsonSchema {
  const isStrict = refusesUnknownFields(kind);
  const { description, ...fields } = valueSchema(kind.schema, isStrict);
  const head = {
    apiVersion: { type: 'string', enum: apiVersions(kind) },
    kind: { type: 'string', const: kind.kind },
    metadata: metadata(kind),
  };
  const isNamed = kind.kind !== 'Bootstrap';
  const required = ['apiVersion', 'kind', ...(isNamed ? ['metadata'] : [])];
  if (kind.fieldsIn === 'document') {
    const own = fields as { properties: JsonSchema; required?: readonly string[] };
    const properties = { ...head, ...own.properties };
    const all = [...required, ...(own.required ?? [])];
    return { title: kind.kind, description, ...fields, type: 'object', properties, required: all };
  }
  const needsSpec = isStrict && isNamed;
  const spec = { description, ...fields, type: needsSpec ? 'object' : ['object', 'null'] };
  return {
    title: kind.kind,
    description,
    type: 'object',
    properties: { ...head, spec, status: {} },
    required: needsSpec ? [...required, 'spec'] : required,
    ...(isStrict ? { additionalProperties: false } : {}),
  };
}

function metadata({ kind }: KindSchema): JsonSchema {
  const properties = {
    name,
    generateName: { type: 'string' },
    namespace: { ...name, type: ['string', 'null'] },
    labels: textMap,
    annotations: textMap,
  };
  if (kind === 'Bootstrap') return { type: ['object', 'null'], properties };
  const anyOf = [{ required: ['name'] }, { required: ['generateName'] }];
  return { type: 'object', properties, anyOf };
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../config/schema');
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of jsonSchemas()) writeFileSync(join(folder, file), text);
}
