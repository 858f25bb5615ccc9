/** `exportTo`: who may see a resource. */

import type { Problems } from '../problem.ts';
import { isDnsLabel } from './labels.ts';

export interface ExportToRules {
  /** Namespace of the resource. */
  readonly namespace: string;
  /** `~`, visible to nobody, is for ServiceEntry. */
  readonly allowNone?: boolean;
  /** A DestinationRule with a workloadSelector stays in its namespace. */
  readonly ownNamespaceOnly?: boolean;
}

type ExportTo = readonly string[] | undefined;

export function checkExportTo(exportTo: ExportTo, rules: ExportToRules, problems: Problems): void {
  const path = ['spec', 'exportTo'];
  const seen = new Set<string>();
  for (const [index, entry] of (exportTo ?? []).entries()) {
    const place = [...path, index];
    const namespace = entry === '.' ? rules.namespace : entry;
    const isNone = entry === '~' && rules.allowNone === true;
    if (seen.has(namespace)) problems.invalid(place, `"${entry}" is in exportTo twice`);
    else if (namespace !== '*' && !isNone && !isDnsLabel(namespace)) {
      problems.invalid(place, `"${entry}" is not a namespace`, 'use ".", "*" or a namespace');
    }
    seen.add(namespace);
  }
  if (seen.size > 1 && (seen.has('*') || seen.has('~'))) {
    problems.invalid(path, 'exportTo "*" or "~" must stand alone');
  }
  if (rules.ownNamespaceOnly === true && seen.size > 0) {
    if (seen.size > 1 || !seen.has(rules.namespace)) {
      problems.invalid(path, 'with a workloadSelector exportTo can only name the own namespace');
    }
  }
}
