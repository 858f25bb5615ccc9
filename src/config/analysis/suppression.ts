/** Findings that their reader does not want: by code, for one resource or for many. */

import type { Finding } from '../finding.ts';
import type { ReadResources } from '../read-resources.ts';
import { type Resource, resourceLabel } from '../resource.ts';

/** Istio's annotation: codes with commas between them; `*` stands for all. */
const suppressAnnotation = 'galley.istio.io/analyze-suppress';

/**
 * As `istioctl analyze --suppress` takes it: `CODE`, or `CODE=Kind name.namespace`; the resource also
 * as findings name it, `Kind namespace/name`.
 */
export interface Suppression {
  /** `*` stands for all. */
  readonly code: string;
  /** With `*` for any text; null: every resource. */
  readonly resource: string | null;
}

/** null where the text is no suppression. */
export function parseSuppression(text: string): Suppression | null {
  const equals = text.indexOf('=');
  const code = (equals === -1 ? text : text.slice(0, equals)).trim();
  const resource = equals === -1 ? null : text.slice(equals + 1).trim();
  if (!/^([A-Z]{3}\d+|\*)$/.test(code) || resource === '') return null;
  return { code, resource };
}

/** Without what annotations of the resources and `suppressions` switch off. */
export function withoutSuppressed(
  findings: readonly Finding[],
  read: ReadResources,
  suppressions: readonly Suppression[] = [],
): Finding[] {
  const annotated = annotatedCodes(read);
  const patterns = suppressions.map(({ code, resource }) => ({
    code,
    resource: resource === null ? null : resourcePattern(resource),
  }));
  return findings.filter((finding) => {
    if (covers(annotated.get(finding.resource), finding.code)) return false;
    return !patterns.some(({ code, resource }) => {
      if (code !== '*' && code !== finding.code) return false;
      if (resource === null) return true;
      return resource.test(istioName(finding.resource)) || resource.test(finding.resource);
    });
  });
}

function covers(codes: ReadonlySet<string> | undefined, code: string): boolean {
  return codes !== undefined && (codes.has('*') || codes.has(code));
}

function annotatedCodes(read: ReadResources): ReadonlyMap<string, ReadonlySet<string>> {
  const result = new Map<string, ReadonlySet<string>>();
  const lists = Object.values(read) as readonly (readonly Resource<string, unknown>[])[];
  for (const list of lists) {
    for (const { kind, metadata } of list) {
      const text = metadata.annotations[suppressAnnotation];
      if (text === undefined) continue;
      const codes = new Set(text.split(',').map((code) => code.trim()));
      result.set(resourceLabel(kind, metadata.namespace, metadata.name), codes);
    }
  }
  return result;
}

/** `VirtualService default/reviews` as istioctl writes it: `VirtualService reviews.default`. */
function istioName(label: string): string {
  const parts = /^(\S+) ([^/]+)\/(.+)$/.exec(label);
  return parts === null ? label : `${parts[1]} ${parts[3]}.${parts[2]}`;
}

function resourcePattern(text: string): RegExp {
  const escaped = text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}
