/**
 * From the text of files to checked resources. Nothing here throws, whatever the text: what cannot
 * be used becomes findings, and the rest is kept.
 */

import { isObject } from '../../base/is-object.ts';
import { compareFindings, type Finding } from '../finding.ts';
import { findingCode, severityOf } from '../finding-code.ts';
import { type FormatCheck, formatPath, type Path, type Problem, Problems } from '../problem.ts';
import type { ReadResources } from '../read-resources.ts';
import { type Resource, resourceLabel } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { decode } from '../schema/decode.ts';
import { type KindName, kindSchemas, refusesUnknownFields } from '../schema/kinds.ts';
import { validateResource } from '../validation/validate.ts';
import { DocumentReader, type ParsedDocument } from './document.ts';
import { identifyKind, likelyKind, topLevelHint } from './kind.ts';
import { maxDocuments, maxFileBytes } from './limits.ts';
import { readMetadata } from './metadata.ts';
import { ResourceCollector } from './resource-collector.ts';
import { type SourceFile, splitDocuments } from './source-file.ts';

/** A resource that was there and could not be used. */
export interface RefusedResource {
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
}

export interface LoadedResources {
  readonly resources: ResourceSet;
  /** In the order of files, lines and columns. */
  readonly findings: readonly Finding[];
  /** Resources with an error of their own: on a reload their last good version stays. */
  readonly refused: readonly RefusedResource[];
  /** Every resource that could be read, refused ones and kinds without a schema too. */
  readonly read: ReadResources;
}

/** Of resources with the same kind, namespace and name the last one is used, with a warning. */
export class ResourceLoader {
  readonly #reader = new DocumentReader();
  readonly #formatMistake: FormatCheck;

  /** Without a check formats are taken as they are. */
  constructor(formatMistake: FormatCheck = () => null) {
    this.#formatMistake = formatMistake;
  }

  /**
   * Documents that were there at the last load are not parsed again. `localTls`: servers for TLS
   * need no certificate of their own.
   */
  load(files: readonly SourceFile[], localTls = false): LoadedResources {
    this.#reader.beginLoad();
    const findings: Finding[] = [];
    const refused: RefusedResource[] = [];
    const collector = new ResourceCollector();
    const readable = new ResourceCollector();
    const others: Resource<string, unknown>[] = [];
    const reader = this.#reader;
    const formatMistake = this.#formatMistake;
    const kept = { findings, refused, collector, readable, others };
    const output = { ...kept, reader, localTls, formatMistake };
    for (const file of files) new FileLoader(file, output).load();
    findings.push(...collector.duplicates());
    const order = new Map(files.map((file, index) => [file.path, index]));
    findings.sort((a, b) => compareFindings(a, b, order));
    const read = { ...readable.resources(), others };
    return { resources: collector.resources(), findings, refused, read };
  }
}

interface Output {
  readonly findings: Finding[];
  readonly refused: RefusedResource[];
  /** Resources that were accepted. */
  readonly collector: ResourceCollector;
  /** The same and those that were refused. */
  readonly readable: ResourceCollector;
  readonly others: Resource<string, unknown>[];
  readonly reader: DocumentReader;
  readonly localTls: boolean;
  readonly formatMistake: FormatCheck;
}

/** A kind of a file that is not read: where it stands first, and how often. */
interface Ignored {
  readonly part: Part;
  readonly isPolicy: boolean;
  count: number;
}

/** An object of a document: the document itself, or an item of a list in it. */
interface Part {
  readonly document: ParsedDocument;
  readonly path: Path;
  readonly value: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

class FileLoader {
  readonly #file: SourceFile;
  readonly #output: Output;
  /** Ignored kinds of this file: place of the first and how many. */
  readonly #ignored = new Map<string, Ignored>();
  #documents = 0;

  constructor(file: SourceFile, output: Output) {
    this.#file = file;
    this.#output = output;
  }

  load(): void {
    const { path, text } = this.#file;
    if (Buffer.byteLength(text) > maxFileBytes) {
      this.#fileFinding(`the file is larger than ${maxFileBytes / 1024 / 1024} MiB`);
      return;
    }
    for (const chunk of splitDocuments(text)) {
      if (this.#documents > maxDocuments) break;
      const { document, findings } = this.#output.reader.read(path, chunk);
      this.#output.findings.push(...findings);
      if (document !== null) this.#part({ document, path: [], value: document.value });
    }
    if (this.#documents > maxDocuments) {
      this.#fileFinding(`more than ${maxDocuments} documents, the others are not read`);
    }
    this.#reportIgnored();
  }

  #part(part: Part): void {
    this.#documents += 1;
    if (part.value === null || part.value === undefined || this.#documents > maxDocuments) return;
    if (!isObject(part.value)) {
      const message =
        'this is no Kubernetes object: an object with apiVersion and kind is expected';
      this.#report(part, '', {
        code: findingCode.noKind,
        path: [],
        at: 'value',
        message,
        hint: null,
      });
      return;
    }
    // Routing tests may lie beside the rules that they are for.
    if ('testCases' in part.value && !('kind' in part.value)) return;
    const kind = identifyKind(part.value);
    switch (kind.is) {
      case 'known':
        this.#resource(part, part.value, kind);
        break;
      case 'list':
        this.#list(part, part.value);
        break;
      case 'ignored':
        this.#ignore(part, part.value, kind);
        break;
      case 'wrong':
        for (const problem of kind.problems) this.#report(part, '', problem);
        this.#checkFragment(part, part.value);
    }
  }

  #list(part: Part, fields: Fields): void {
    const items = fields['items'];
    if (items === undefined || items === null) return;
    if (!Array.isArray(items)) {
      const message = '"items" of a list must be a list';
      const path = ['items'];
      this.#report(part, '', { code: findingCode.wrongType, path, at: 'key', message, hint: null });
      return;
    }
    for (const [index, value] of items.entries()) {
      this.#part({ document: part.document, path: [...part.path, 'items', index], value });
    }
  }

  #resource(part: Part, fields: Fields, known: { kind: KindName; apiVersion: string }): void {
    const { kind, apiVersion } = known;
    const problems = new Problems(this.#output.localTls, this.#output.formatMistake);
    const metadata = readMetadata(kind, fields['metadata'], problems);
    const spec = decodeSpec(kind, fields, problems);
    const resource = this.#placed(part, fields, { kind, apiVersion, metadata, spec });
    this.#output.readable.add(isObject(spec) ? resource : { ...resource, spec: {} });
    const isSound = !problems.list.some(isError);
    if (isSound) validateResource(resource, problems);
    const label = resourceLabel(kind, metadata.namespace, metadata.name);
    for (const problem of problems.list) this.#report(part, label, problem);
    if (problems.list.some(isError)) {
      this.#output.refused.push({ kind, namespace: metadata.namespace, name: metadata.name });
    } else this.#output.collector.add(resource);
  }

  #placed<Kind extends string>(
    { document, path: base }: Part,
    fields: Fields,
    read: Pick<Resource<Kind, unknown>, 'kind' | 'apiVersion' | 'metadata' | 'spec'>,
  ): Resource<Kind, unknown> {
    return {
      ...read,
      status: fields['status'],
      file: this.#file.path,
      positionOf: (path) => document.locate([...base, ...path], 'key'),
    };
  }

  /** A spec without the rest of its document is still checked: its author wants to know. */
  #checkFragment(part: Part, fields: Fields): void {
    if (fields['kind'] !== undefined || fields['spec'] !== undefined) return;
    const kind = likelyKind(fields);
    if (kind === null) return;
    const problems = new Problems();
    const { schema } = kindSchemas[kind];
    decode(schema, fields, [], { problems, unknown: unknownFieldsIn(kind) });
    for (const problem of problems.list) {
      if (problem.path.length > 0) this.#report(part, '', problem);
    }
  }

  #ignore(part: Part, fields: Fields, known: { kind: string; apiVersion: string }): void {
    const { kind, apiVersion } = known;
    const metadata = readMetadata(kind, fields['metadata'], new Problems());
    const read = { kind, apiVersion, metadata, spec: fields['spec'] };
    this.#output.others.push(this.#placed(part, fields, read));
    const label = `${kind} (${apiVersion})`;
    const seen = this.#ignored.get(label);
    // Every kind of that group is a policy about who may ask for what.
    const isPolicy = apiVersion.startsWith('security.istio.io/');
    if (seen === undefined) this.#ignored.set(label, { part, isPolicy, count: 1 });
    else seen.count += 1;
  }

  #reportIgnored(): void {
    for (const [label, { part, isPolicy, count }] of this.#ignored) {
      const code = isPolicy ? findingCode.unenforcedPolicy : findingCode.ignoredKind;
      const what = isPolicy ? 'enforced yet' : 'read';
      const which = count === 1 ? 'it has' : `${count} of them have`;
      const message = `${label} is not ${what}, ${which} no effect`;
      this.#report(part, '', { code, path: ['kind'], at: 'key', message, hint: null });
    }
  }

  #report(part: Part, resource: string, problem: Problem): void {
    const { code, message, hint } = problem;
    const path = [...part.path, ...problem.path];
    this.#output.findings.push({
      code,
      severity: severityOf[code],
      message,
      hint,
      file: this.#file.path,
      ...part.document.locate(path, problem.at),
      path: formatPath(problem.path),
      resource,
    });
  }

  #fileFinding(message: string): void {
    const code = findingCode.tooLarge;
    const place = { file: this.#file.path, line: 0, column: 0, path: '', resource: '' };
    this.#output.findings.push({ code, severity: severityOf[code], message, hint: null, ...place });
  }
}

function decodeSpec(kind: KindName, fields: Fields, problems: Problems): unknown {
  const { schema, fieldsIn } = kindSchemas[kind];
  const context = { problems, unknown: unknownFieldsIn(kind) };
  if (fieldsIn === 'document') return decode(schema, fields, [], context);
  checkTopLevel(kind, fields, problems);
  const value = fields['spec'];
  if (value !== undefined && value !== null) return decode(schema, value, ['spec'], context);
  if (context.unknown === 'error' && kind !== 'Bootstrap') {
    const message = '"spec" is missing';
    problems.add({ code: findingCode.missingField, path: [], at: 'key', message, hint: null });
  }
  return {};
}

function unknownFieldsIn(kind: KindName): 'error' | 'ignore' {
  return refusesUnknownFields(kindSchemas[kind]) ? 'error' : 'ignore';
}

const topLevelFields = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

function checkTopLevel(kind: KindName, fields: Fields, problems: Problems): void {
  const isOfKubernetes = unknownFieldsIn(kind) === 'ignore';
  const code = isOfKubernetes ? findingCode.unknownToKubernetes : findingCode.unknownField;
  for (const key of Object.keys(fields)) {
    if (topLevelFields.has(key)) continue;
    const hint = topLevelHint(key, kindSchemas[kind]);
    const message = `unknown field "${key}"`;
    problems.add({ code, path: [key], at: 'key', message, hint });
  }
}

function isError(problem: Problem): boolean {
  return severityOf[problem.code] === 'error';
}
