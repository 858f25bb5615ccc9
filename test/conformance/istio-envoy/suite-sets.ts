/** Plays every area that has a floor, of every data set that is there. */

import { dataSet } from '../../support/test-data.ts';
import { readDifferences } from './differences.ts';
import { readFloors } from './floors.ts';
import { readScenarios } from './scenario.ts';
import { type RequestResult, runSuite } from './suite.ts';

export interface PlayedSet {
  readonly name: string;
  readonly results: readonly RequestResult[];
}

export interface SetsOptions {
  /** Scenarios at a time. */
  readonly jobs: number;
  readonly onResult?: (results: readonly RequestResult[]) => void;
}

export async function playSet(name: string, options: SetsOptions): Promise<PlayedSet | null> {
  const folder = dataSet(name);
  if (folder === null) return null;
  const areas = readFloors()[name] ?? {};
  const scenarios = readScenarios(folder).filter(({ area }) => areas[area] !== undefined);
  const results = await runSuite(scenarios, { ...options, differences: readDifferences() });
  return { name, results };
}
