/** What analyzers are given, from texts of files, for a proxy without settings of its own. */

import assert from 'node:assert/strict';
import type { AnalysisContext } from '../../src/config/analysis/analyzer.ts';
import type { LoadedResources } from '../../src/config/parse/load.ts';
import { mergeSettings } from '../../src/config/settings/merge-settings.ts';

/** Some time while the certificates of the cases are valid. */
const nowMs = Date.UTC(2026, 0, 1);

export function analysisContext({ resources, read }: LoadedResources): AnalysisContext {
  const merged = mergeSettings({}, resources.bootstraps);
  assert(merged.ok, 'the settings can be used');
  return { resources, read, settings: merged.value.proxy, nowMs };
}
