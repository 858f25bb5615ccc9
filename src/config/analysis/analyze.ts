/**
 * Runs every analyzer over a configuration: what Istio's own would say of it, and what people fall
 * into with rules that are valid. Nothing here runs while requests are served.
 */

import type { Finding } from '../finding.ts';
import { severityOf } from '../finding-code.ts';
import { formatPath } from '../problem.ts';
import type { ReadResources } from '../read-resources.ts';
import { type Resource, resourceLabel, writtenPlace } from '../resource.ts';
import type { AnalysisContext, Analyzer, AnalyzerFinding } from './analyzer.ts';
import { madeRules } from './checks/made-rules.ts';
import { semanticChecks } from './checks/semantic-checks.ts';
import { istioAnalyzers } from './istio/istio-analyzers.ts';
import { severityOfIstio } from './istio-code.ts';
import { withIstioDefaults } from './istio-defaults.ts';
import { kialiAnalyzers } from './kiali/kiali-analyzers.ts';
import { severityOfKiali } from './kiali-code.ts';

/** In the order in which they run; findings are sorted by place later. */
const analyzers: readonly Analyzer[] = [
  ...Object.values(istioAnalyzers),
  ...kialiAnalyzers,
  semanticChecks,
  madeRules,
];

/** What several analyzers say in the same words of the same place is told once. */
export function analyze(context: AnalysisContext): Finding[] {
  const told = new Map<string, Finding>();
  for (const finding of runAnalyzers(analyzers, context)) {
    const { code, file, resource, path, message } = finding;
    told.set([code, file, resource, path, message].join(' '), finding);
  }
  return [...told.values()];
}

/** The findings of some analyzers, each as often as it was found. */
export function runAnalyzers(chosen: readonly Analyzer[], context: AnalysisContext): Finding[] {
  const read = withIstioDefaults(withoutSystem(context.read));
  const findings: Finding[] = [];
  for (const analyzer of chosen) {
    for (const finding of analyzer({ ...context, read })) {
      if (!isOfSystem(finding.resource)) findings.push(placed(finding));
    }
  }
  return findings;
}

const severities = { ...severityOf, ...severityOfIstio, ...severityOfKiali };

function placed({ code, resource: found, path: where, message, hint }: AnalyzerFinding): Finding {
  const { resource, path } = writtenPlace({ resource: found, path: where });
  const { kind, metadata, file } = resource;
  return {
    code,
    severity: severities[code],
    message,
    hint,
    file,
    ...resource.positionOf(path),
    path: formatPath(path),
    resource: resourceLabel(kind, metadata.namespace, metadata.name),
  };
}

/** What Istio leaves out: it is not the user's. */
const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

function withoutSystem(read: ReadResources): ReadResources {
  const entries = Object.entries(read) as [string, readonly Resource<string, unknown>[]][];
  const kept = entries.map(([kind, list]) => [
    kind,
    list.filter((resource) => !isOfSystem(resource)),
  ]);
  // Every list is there, with fewer of the same.
  return Object.fromEntries(kept) as ReadResources;
}

function isOfSystem({ metadata }: Resource<string, unknown>): boolean {
  return systemNamespaces.has(metadata.namespace);
}
