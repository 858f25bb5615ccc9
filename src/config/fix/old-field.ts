/** Fields that Istio keeps for old files, written as the field that took their place. */

import { isMap, isScalar, isSeq, type Pair, parseDocument, visit, type YAMLMap } from 'yaml';
import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import { splitDocuments } from '../parse/source-file.ts';
import type { Candidate } from './candidate.ts';
import { type Edit, offsetOf } from './edit.ts';

/** The new field and the field in it that has the old value. */
type Replacement = readonly [field: string, inner: string];

const replacements: ReadonlyMap<string, Replacement> = new Map<string, Replacement>([
  ['percent', ['percentage', 'value']],
  ['mirrorPercent', ['mirrorPercentage', 'value']],
  ['mirror_percent', ['mirrorPercentage', 'value']],
  ['minimumRingSize', ['ringHash', 'minimumRingSize']],
  ['warmupDurationSecs', ['warmup', 'duration']],
]);

/** `allowOrigin` is a list of texts, `allowOrigins` one of matches. */
const oldOrigins = new Set(['allowOrigin', 'allow_origin']);

interface Field {
  readonly name: string;
  readonly pair: Pair;
  readonly holder: YAMLMap;
  /** Of the parsed document within the file. */
  readonly base: number;
}

export function fixOldField(finding: Finding, text: string): Candidate | null {
  if (finding.code !== findingCode.deprecated) return null;
  const field = fieldAt(finding, text);
  if (field === null) return null;
  if (oldOrigins.has(field.name)) return origins(field, text);
  const replacement = replacements.get(field.name);
  return replacement === undefined ? null : nested(field, replacement, { text, finding });
}

function fieldAt(finding: Finding, text: string): Field | null {
  const chunk = splitDocuments(text).findLast(({ lineOffset }) => lineOffset < finding.line);
  if (chunk === undefined) return null;
  // The byte order mark that the first document was read without.
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  const base = offsetOf(text, chunk.lineOffset + 1, 1) + mark;
  const offset = offsetOf(text, finding.line, finding.column) + (finding.line === 1 ? mark : 0);
  let found: Field | null = null;
  visit(parseDocument(chunk.text, { logLevel: 'silent' }), {
    Pair(_, pair, path) {
      const holder = path.at(-1);
      if (!isScalar(pair.key) || !isMap(holder)) return;
      if ((pair.key.range?.[0] ?? -1) + base !== offset) return;
      found = { name: String(pair.key.value), pair, holder, base };
      return visit.BREAK;
    },
  });
  return found;
}

interface Source {
  readonly text: string;
  readonly finding: Finding;
}

/** `percent: 5` as `percentage: {value: 5}`, in the style of the object it stands in. */
function nested(
  { name, pair, holder, base }: Field,
  [field, inner]: Replacement,
  { text, finding }: Source,
): Candidate | null {
  const { key, value } = pair;
  if (!isScalar(key) || !isScalar(value) || !key.range || !value.range) return null;
  const start = key.range[0] + base;
  const end = value.range[1] + base;
  const written = text.slice(value.range[0] + base, end);
  if (written === '' || written.includes('\n')) return null;
  const indent = ' '.repeat(finding.column + 1);
  const given = holder.flow
    ? `${field}: {${inner}: ${written}}`
    : `${field}:\n${indent}${inner}: ${written}`;
  return { edits: [{ start, end, text: given }], what: `"${name}" becomes "${field}.${inner}"` };
}

function origins({ name, pair, base }: Field, text: string): Candidate | null {
  const { key, value } = pair;
  if (!isScalar(key) || !isSeq(value) || !key.range) return null;
  const edits: Edit[] = [
    { start: key.range[0] + base, end: key.range[1] + base, text: 'allowOrigins' },
  ];
  for (const item of value.items) {
    if (!isScalar(item) || !item.range) return null;
    const [start, end] = [item.range[0] + base, item.range[1] + base];
    const written = text.slice(start, end);
    edits.push({ start, end, text: value.flow ? `{exact: ${written}}` : `exact: ${written}` });
  }
  return { edits, what: `"${name}" becomes "allowOrigins", with exact texts` };
}
