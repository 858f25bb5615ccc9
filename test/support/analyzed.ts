/** Resources in one line each, for analyzers, and findings in one line each. */

import assert from 'node:assert/strict';
import type { AnalysisContext } from '../../src/config/analysis/analyzer.ts';
import type { Finding } from '../../src/config/finding.ts';
import { analysisContext } from './analysis-context.ts';
import { loadResources } from './load-resources.ts';

const groups: Readonly<Record<string, string>> = {
  Service: 'v1',
  Pod: 'v1',
  Namespace: 'v1',
  Node: 'v1',
  Deployment: 'apps/v1',
  Telemetry: 'telemetry.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
};

/**
 * A resource `name.namespace` of Kubernetes' own kinds, or else of `networking.istio.io`; the spec in
 * flow style, and what else its metadata have.
 */
export function resource(kind: string, name: string, spec: string, metadata = ''): string {
  const [plain = '', namespace = 'default'] = name.split('.');
  const apiVersion = groups[kind] ?? 'networking.istio.io/v1';
  const head = `{name: ${plain}, namespace: ${namespace}${metadata}}`;
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: ${head}\nspec: ${spec}\n`;
}

/** What analyzers are given of documents whose YAML has no mistakes of its own. */
export function contextOf(documents: readonly string[]): AnalysisContext {
  const loaded = loadResources([{ path: 'a.yaml', text: documents.join('---\n') }]);
  const errors = loaded.findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, [], 'the YAML of the test is right');
  return analysisContext(loaded);
}

/** `CODE Kind name path`; the namespace only where it is not `default`. */
export function findingLine({ code, resource: label, path }: Finding): string {
  return `${code} ${label.replace('default/', '')} ${path}`;
}
