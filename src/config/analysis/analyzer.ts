/** What an analyzer is given, and what it tells. */

import type { FindingCode } from '../finding-code.ts';
import type { Path } from '../problem.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import type { ReadResources } from '../read-resources.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { IstioCode } from './istio-code.ts';
import type { KialiCode } from './kiali-code.ts';

export interface AnalysisContext {
  /** What validation accepted, and what is served. */
  readonly resources: ResourceSet;
  /** That and what validation refused, with what Istio takes to be there in every mesh. */
  readonly read: ReadResources;
  readonly settings: ProxySettings;
  /** Time since the epoch, for certificates; null: none has expired. */
  readonly nowMs: number | null;
}

export interface AnalyzerFinding {
  readonly code: FindingCode | IstioCode | KialiCode;
  /** The resource to mend. */
  readonly resource: Resource<string, unknown>;
  /** The field in it; the place is that of the nearest parent where it is absent. */
  readonly path: Path;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to do. */
  readonly hint: string | null;
}

/** Pure: the same configuration gives the same findings, in the order of the resources. */
export type Analyzer = (context: AnalysisContext) => Iterable<AnalyzerFinding>;
