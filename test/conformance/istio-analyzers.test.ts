/**
 * Istio's own cases for its analyzers: what is found, as codes and resources, each as often as
 * Istio finds it. A case runs one analyzer, and counts only the codes in its scope.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runAnalyzers } from '../../src/config/analysis/analyze.ts';
import type { Analyzer } from '../../src/config/analysis/analyzer.ts';
import { combinedFindings } from '../../src/config/analysis/combined-findings.ts';
import { istioAnalyzers } from '../../src/config/analysis/istio/istio-analyzers.ts';
import { withoutSuppressed } from '../../src/config/analysis/suppression.ts';
import type { Finding } from '../../src/config/finding.ts';
import type { LoadedResources } from '../../src/config/parse/load.ts';
import { analysisContext } from '../support/analysis-context.ts';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';

const folder = dataSet('istio-analyzers');
const skip = folder === null ? missingData('istio-analyzers') : false;

interface Case {
  readonly name: string;
  readonly analyzer: string;
  readonly inputFiles: readonly string[];
  readonly meshConfigFile: string | null;
  readonly scopeCodes: readonly string[];
  readonly expected: readonly { readonly code: string; readonly resource: string }[];
}

t.test('cases of Istio', { skip }, async (t) => {
  const text = readFileSync(join(folder ?? '', 'cases.json'), 'utf8');
  const { cases } = JSON.parse(text) as { readonly cases: readonly Case[] };
  t.ok(cases.length > 0, 'there are cases');
  for (const item of cases) {
    const actual = findingsOf(item).filter(({ code }) => item.scopeCodes.includes(code));
    const found = actual.map(({ code, resource }) => `${code} ${resource}`);
    const expected = item.expected.map(
      ({ code, resource }) => `${code} ${withNamespace(resource)}`,
    );
    t.same(found.sort(), expected.sort(), `${item.name} (${item.analyzer})`);
  }
});

function findingsOf(item: Case): Finding[] {
  const files = item.inputFiles.map((path) => ({ path, text: readCaseFile(path) }));
  if (item.meshConfigFile !== null) files.push(bootstrapOf(item.meshConfigFile));
  const loaded = loadResources(files);
  const analyzed = runAnalyzers([analyzerOf(item)], analysisContext(loaded));
  return withoutSuppressed(combinedFindings(validationOf(item, loaded), analyzed), loaded.read);
}

/** Two of Istio's analyzers say what is found here when files are read. */
function validationOf({ analyzer }: Case, { findings }: LoadedResources): readonly Finding[] {
  const kind = validatedKind(analyzer);
  if (kind !== null) return findings.filter(({ resource }) => resource.startsWith(`${kind} `));
  return analyzer === 'deprecation.FieldAnalyzer' ? findings : [];
}

function analyzerOf({ analyzer }: Case): Analyzer {
  const kind = validatedKind(analyzer);
  const name = kind === null ? analyzer : `schema.ValidationAnalyzer.${kind}`;
  const known: Readonly<Record<string, Analyzer>> = istioAnalyzers;
  return known[name] ?? (() => []);
}

/** The kind that an analyzer validates, of those that do nothing else. */
function validatedKind(analyzer: string): string | null {
  return /CollectionValidationAnalyzer\(collections\.(\w+)\)/.exec(analyzer)?.[1] ?? null;
}

/** A MeshConfig is part of a Bootstrap here. */
function bootstrapOf(path: string): { readonly path: string; readonly text: string } {
  const lines = readCaseFile(path).split('\n');
  const indented = lines.map((line) => `    ${line}`).join('\n');
  const text = `apiVersion: sluice.dev/v1\nkind: Bootstrap\nspec:\n  meshConfig:\n${indented}\n`;
  return { path, text };
}

function readCaseFile(path: string): string {
  return readFileSync(join(folder ?? '', path), 'utf8');
}

/** Where a file names no namespace, the resource is in the default one. */
function withNamespace(resource: string): string {
  return resource.includes('/') ? resource : resource.replace(' ', ' default/');
}
