/** Plays the tests of the conformance suite of the Gateway API, some at a time. */

import { createClusterKeys } from './cluster-keys.ts';
import { EchoPods } from './echo-pods.ts';
import { type ConformanceTest, readTests } from './expectations.ts';
import { readManifests } from './manifests.ts';
import { playTest, type Row } from './play.ts';

const atOnce = 4;

/** `only`: names of tests; default: all. In the order of the data. */
export async function playSuite(folder: string, only: readonly string[] = []): Promise<Row[]> {
  const tests = readTests(folder).filter(({ test }) => only.length === 0 || only.includes(test));
  const stage = {
    folder,
    base: readManifests(folder, ['base/manifests.yaml']),
    pods: new EchoPods(),
    keys: await createClusterKeys(),
  };
  const rows = new Map<string, Row[]>();
  const timed = tests.filter(isTimed);
  const left = tests.filter((test) => !timed.includes(test)).values();
  const work = async (list: Iterable<ConformanceTest>): Promise<void> => {
    for (const test of list) rows.set(test.test, await playTest(test, stage));
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, () => work(left)));
    await work(timed);
  } finally {
    await stage.pods.stop();
  }
  return tests.flatMap(({ test }) => rows.get(test) ?? []);
}

/** They are played one by one: the others take time of this process. */
function isTimed({ features }: ConformanceTest): boolean {
  return features.some((feature) => /Timeout|Retry/.test(feature));
}
