/**
 * Writes the reference of configuration, docs/config/, from the schemas. Run it after a change of a
 * schema: `node docs/generate-config-reference.ts`. A test compares the files with what it makes.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { type KindSchema, kindSchemas } from '../src/config/schema/kinds.ts';
import {
  itemsOf,
  propertiesOf,
  type SchemaView,
  valuesOf,
  view,
} from '../src/config/schema/walk.ts';
import { LoadtestFile } from '../src/loadtest/schema.ts';
import { RoutingTests } from '../src/routing-tests/schema.ts';
import { kindFileName } from './kind-file-name.ts';

const generated =
  '<!-- Made by docs/generate-config-reference.ts from the schemas; do not edit. -->';

/** File name in docs/config/ to its content. */
export function configReference(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const kinds: readonly KindSchema[] = Object.values(kindSchemas);
  files.set('README.md', indexPage(kinds));
  for (const kind of kinds) files.set(kindFileName(kind, 'md'), kindPage(kind));
  for (const page of filePages) files.set(page.file, filePage(page));
  return files;
}

function indexPage(kinds: readonly KindSchema[]): string {
  const rows = kinds.map((kind) => {
    const description = view(kind.schema).description ?? '';
    const link = `[${kind.kind}](${kindFileName(kind, 'md')})`;
    return `| ${link} | ${apiVersions(kind).join(', ')} | ${description} |`;
  });
  return `${[
    '# Configuration reference',
    '',
    generated,
    '',
    'Resources are read from YAML or JSON files. Fields that a resource of Istio or sluice.dev',
    'does not have are errors; of Kubernetes objects only the fields named here are read. Other',
    'kinds are ignored, with one finding for each kind of a file. Of resources with the same kind,',
    'namespace and name the last one is used, with a warning.',
    '',
    'Durations are written with their unit, as `10s`, `1.5h`, `250ms`; byte sizes as `4096`, `64Ki`,',
    '`1Mi`. Other numbers count what their meaning says. Fields have the meaning that Istio gives',
    'them; where sluice differs is in [Differences from Istio](../istio-differences.md).',
    'Regular expressions have the syntax of RE2 and match the whole value. `null` means the same',
    'as leaving the field out.',
    '',
    'Files of [routing tests](routing-tests.md) and [load tests](loadtest.md) have references of their',
    'own.',
    '',
    'For editors there are [JSON Schemas](../../config/schema/README.md) of the same.',
    '',
    '| kind | apiVersion | what it is |',
    '|---|---|---|',
    ...rows,
  ].join('\n')}\n`;
}

function apiVersions({ group, versions }: KindSchema): string[] {
  return versions.map((version) => `\`${group === '' ? version : `${group}/${version}`}\``);
}

function kindPage(kind: KindSchema): string {
  const root = kind.fieldsIn === 'spec' ? 'spec' : 'document';
  const page = new KindPage();
  page.addObject(root, kind.schema);
  return `${[
    `# ${kind.kind}`,
    '',
    generated,
    '',
    `${view(kind.schema).description ?? ''} apiVersion: ${apiVersions(kind).join(', ')}.`,
    '',
    ...page.lines,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

interface FilePage {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly schema: TSchema;
}

/** No resources, but files of commands. */
const filePages: readonly FilePage[] = [
  {
    file: 'loadtest.md',
    title: 'Load tests',
    about:
      'What a scenario of `sluice loadtest` may say; [Load tests](../loadtest.md) explains it.',
    schema: LoadtestFile,
  },
  {
    file: 'routing-tests.md',
    title: 'Routing tests',
    about: 'What a file of `sluice test` may say; [Testing rules](../testing.md) explains it.',
    schema: RoutingTests,
  },
];

function filePage({ title, about, schema }: FilePage): string {
  const page = new KindPage();
  page.addObject('document', schema);
  return `${[`# ${title}`, '', generated, '', about, '', ...page.lines].join('\n').trimEnd()}\n`;
}

class KindPage {
  readonly lines: string[] = [];
  /** Heading of each object that has a table, by the text of its schema. */
  readonly #headings = new Map<string, string>();

  addObject(heading: string, schema: TSchema): void {
    this.#headings.set(keyOf(schema), heading);
    const { description = '', oneof = [], required = [], properties = {} } = view(schema);
    const fields = Object.entries(properties);
    if (fields.length === 0) return;
    this.lines.push(`## ${heading}`, '', description, '');
    for (const group of oneof) {
      this.lines.push(`At most one of ${group.map((name) => `\`${name}\``).join(', ')}.`, '');
    }
    this.lines.push('| field | type | default | supported | meaning |', '|---|---|---|---|---|');
    for (const [name, field] of fields) {
      const isRequired = required.includes(name);
      this.lines.push(row({ name, schema: field, isRequired }, this.#link(heading, name, field)));
    }
    this.lines.push('');
    for (const [name, field] of fields) this.#addBelow(`${heading}.${name}`, field);
  }

  /** Each object has one table on a page, however many fields are such an object. */
  #addBelow(path: string, schema: TSchema): void {
    const inner = innerObject(path, schema);
    if (inner !== null && this.#headings.get(keyOf(inner.schema)) === inner.heading) {
      this.addObject(inner.heading, inner.schema);
    }
  }

  /** The heading of the table for a field, which may still have to be written. */
  #link(heading: string, name: string, schema: TSchema): string | null {
    const inner = innerObject(`${heading}.${name}`, schema);
    if (inner === null) return null;
    const key = keyOf(inner.schema);
    const known = this.#headings.get(key) ?? inner.heading;
    this.#headings.set(key, known);
    return known;
  }
}

/** The object with fields that a field, the items of its list or the values of its map are. */
function innerObject(path: string, schema: TSchema): { heading: string; schema: TSchema } | null {
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  if (items !== null) return innerObject(`${path}[]`, items);
  if (values !== null) return innerObject(`${path}.*`, values);
  return Object.keys(propertiesOf(schema)).length > 0 ? { heading: path, schema } : null;
}

/** Objects that differ in their description alone share a table. */
function keyOf(schema: TSchema): string {
  return JSON.stringify({ ...schema, description: '' });
}

interface Field {
  readonly name: string;
  readonly schema: TSchema;
  readonly isRequired: boolean;
}

function row({ name, schema, isRequired }: Field, heading: string | null): string {
  const field = view(schema);
  // GitHub makes anchors of headings by leaving out everything but letters and digits.
  const anchor = heading?.toLowerCase().replace(/[^a-z0-9]/g, '');
  const type = anchor === undefined ? typeName(schema) : `[${typeName(schema)}](#${anchor})`;
  const fallback = isRequired ? 'required' : field.default === undefined ? '' : `${field.default}`;
  return `| \`${name}\` | ${type} | ${fallback} | ${support(field)} | ${meaning(field)} |`.replace(
    / {2,}/g,
    ' ',
  );
}

function meaning(field: SchemaView): string {
  const notes = [field.description ?? ''];
  if (field.enum !== undefined) notes.push(field.enum.map((value) => `\`${value}\``).join(', '));
  return notes.join(' ').replaceAll('|', '\\|');
}

/** Whether the proxy acts on the field. */
function support({ ineffective, deprecated }: SchemaView): string {
  if (ineffective !== undefined) return `**no effect**: ${ineffective}`;
  return deprecated === undefined ? 'yes' : `**old**: use \`${deprecated}\``;
}

function typeName(schema: TSchema): string {
  const field = view(schema);
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  if (field.unit !== undefined) return `${field.type}, ${field.unit}`;
  if (field.format !== undefined) return field.format;
  if (field.anyOf !== undefined) return field.anyOf.map(typeName).join(' or ');
  if (field.enum !== undefined) return 'one of';
  if (items !== null) return `list of ${typeName(items)}`;
  if (values !== null) return `map of ${typeName(values)}`;
  switch (field.type) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `integer${range(field)}`;
    case 'number':
      return `number${range(field)}`;
    default:
      return 'object';
  }
}

/** Bounds that say more than the width of the number. */
function range({ minimum, maximum }: SchemaView): string {
  const isNarrow = maximum !== undefined && maximum <= 65_535;
  if (isNarrow) return `, ${minimum ?? 0} to ${maximum}`;
  return minimum !== undefined && minimum >= 0 ? `, ${minimum} or more` : '';
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, 'config');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of configReference()) writeFileSync(join(folder, name), text);
}
