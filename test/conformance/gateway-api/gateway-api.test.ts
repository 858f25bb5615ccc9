/**
 * The conformance tests of the Gateway API, played in this process. What fails is known by name,
 * and the document says of each feature what the tests find.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { dataSet, missingData } from '../../support/test-data.ts';
import { formatTables, writtenTables } from './document.ts';
import { readTests } from './expectations.ts';
import { namesOfFacts } from './facts.ts';
import { features } from './features.ts';
import { failingRows, featuresOf, formatScores, scoresOf } from './report.ts';
import { playSuite } from './suite.ts';

t.setTimeout(120_000);

const folder = dataSet('gateway-api');
const skip = folder === null ? missingData('gateway-api') : false;

/** How many rows of a test fail; of others none does. */
const known = JSON.parse(
  readFileSync(join(import.meta.dirname, 'known-failures.json'), 'utf8'),
) as Readonly<Record<string, number>>;

/** Least share of rows that pass, in percent. */
const floors: readonly (readonly [what: string, kind: RegExp, percent: number])[] = [
  ['HTTPRoute, core', /^SupportHTTPRoute$/, 100],
  ['HTTPRoute, extended', /^SupportHTTPRoute./, 100],
  ['GRPCRoute', /^SupportGRPCRoute/, 100],
  ['TLSRoute and TCPRoute', /^Support(TLS|TCP)Route/, 100],
  ['the mesh', /^SupportMesh/, 100],
  ['all features', /^Support/, 99],
];

t.test('conformance tests of the Gateway API', { skip }, async (t) => {
  const rows = await playSuite(folder ?? '');
  t.comment(formatScores(rows));

  t.test('no more rows fail than those that are known, and no fewer', async (t) => {
    const failing = rows.filter(({ mismatch }) => mismatch !== null);
    const counts = Object.fromEntries(
      [...Map.groupBy(failing, ({ test }) => test)].map(([test, own]) => [test, own.length]),
    );
    t.same(counts, known);
    if (!t.passing()) t.comment(failingRows(rows).join('\n'));
    else for (const row of failingRows(rows)) t.comment(`let pass: ${row}`);
  });

  t.test('each kind passes as much as it must', async (t) => {
    for (const [what, kind, percent] of floors) {
      const own = rows.filter((row) => featuresOf(row).some((feature) => kind.test(feature)));
      const played = own.filter(({ notPlayed }) => notPlayed === null);
      const passed = played.filter(({ mismatch }) => mismatch === null).length;
      const reached = (100 * passed) / played.length;
      t.ok(reached >= percent, `${what}: ${passed} of ${played.length}, at least ${percent} %`);
    }
  });

  t.test('a feature is called supported where all of its rows pass, and only there', async (t) => {
    const scores = scoresOf(rows);
    t.same(scores.map(({ feature }) => feature).sort(), Object.keys(features).sort());
    for (const { feature, passed, played } of scores) {
      const found = played === 0 ? 'no' : passed === played ? 'yes' : 'partly';
      t.equal(features[feature]?.supported, found, feature);
      if (found !== 'yes') t.not(features[feature]?.note, '', `${feature}: why`);
    }
  });

  t.test('docs/gateway-api.md has the tables as they come out', async (t) => {
    const document = readFileSync(
      join(import.meta.dirname, '../../../docs/gateway-api.md'),
      'utf8',
    );
    t.equal(writtenTables(document), formatTables(rows));
  });

  t.test('facts are about tests that there are', async (t) => {
    const names = new Set(readTests(folder ?? '').map(({ test }) => test));
    t.same(
      namesOfFacts().filter((name) => !names.has(name)),
      [],
    );
  });
});
