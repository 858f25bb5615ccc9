/** KIA0005: `exportTo` with a namespace that nothing is in. */

import type { Path } from '../../problem.ts';
import { knownNamespaces } from '../../registry/known-namespaces.ts';
import { exportToAnnotation, writtenExportTo } from '../../registry/kubernetes-services.ts';
import type { Resource } from '../../resource.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { kialiCode } from '../kiali-code.ts';

/** A resource's own namespace, all of them, and none. */
const special = new Set(['.', '*', '~']);

export function* exportNamespaces(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const known = knownNamespaces(context.read, context.settings);
  for (const { resource, namespace, path } of exportsOf(context)) {
    if (special.has(namespace) || known.has(namespace)) continue;
    const near = nearestName(namespace, [...known]);
    yield {
      code: kialiCode.unknownExportNamespace,
      resource,
      path,
      message: `nothing is in the namespace ${namespace}, to which this is exported`,
      hint: near === null ? null : `did you mean "${near}"?`,
    };
  }
}

interface Export {
  readonly resource: Resource<string, unknown>;
  readonly namespace: string;
  readonly path: Path;
}

function* exportsOf({ resources }: AnalysisContext): Iterable<Export> {
  const { virtualServices, destinationRules, serviceEntries, services } = resources;
  for (const resource of [...virtualServices, ...destinationRules, ...serviceEntries]) {
    for (const [index, namespace] of (resource.spec.exportTo ?? []).entries()) {
      yield { resource, namespace, path: ['spec', 'exportTo', index] };
    }
  }
  for (const resource of services) {
    for (const namespace of writtenExportTo(resource)) {
      if (namespace === '') continue;
      yield { resource, namespace, path: ['metadata', 'annotations', exportToAnnotation] };
    }
  }
}
