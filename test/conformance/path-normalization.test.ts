/** Istio's and Envoy's tables of path normalisation. Differences and their reasons: routing.md. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { PathNormalization } from '../../src/model/http-settings.ts';
import { normalizePath } from '../../src/routing/path-normalization.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface Row {
  readonly in: string;
  readonly out?: string | number;
  readonly reject?: boolean;
}

interface IstioTable {
  readonly modes: Readonly<Record<string, readonly Row[]>>;
}

interface EnvoyTable {
  readonly canonicalPath: readonly Row[];
  readonly mergeSlashes: readonly Row[];
  readonly removeQueryAndFragment: readonly Row[];
  readonly unescapeSlashes: readonly Row[];
}

interface AdvisoryTable {
  readonly cases: readonly (Row & { readonly test: string; readonly result: string })[];
}

const folder = dataSet('path-normalization');
const skip = folder === null ? missingData('path-normalization') : false;

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(folder ?? '', name), 'utf8'));
}

/** What a row expects: null for a request that is refused. */
function expected(row: Row): string | null {
  return row.reject === true || typeof row.out !== 'string' ? null : row.out;
}

t.test('the modes of Istio', { skip }, async (t) => {
  const { modes } = read('istio-path-normalization.json') as IstioTable;
  for (const [mode, rows] of Object.entries(modes)) {
    for (const row of rows) {
      const actual = normalizePath(row.in, mode as PathNormalization);
      t.equal(actual, expected(row), `${mode} ${row.in}`);
    }
  }
});

t.test('canonical paths of Envoy', { skip }, async (t) => {
  const { canonicalPath } = read('envoy-path-utility.json') as EnvoyTable;
  // The row is a check that setting a path works at all: nothing normalises `/xyz` to it.
  const isAboutSetting = ({ in: path, out }: Row) => path === '/xyz' && out === '/x/y/z';
  for (const row of canonicalPath.filter((row) => !isAboutSetting(row))) {
    t.equal(normalizePath(row.in, 'BASE'), expected(row), row.in);
  }
});

t.test('merged slashes of Envoy', { skip }, async (t) => {
  const { mergeSlashes } = read('envoy-path-utility.json') as EnvoyTable;
  // Paths come with a leading slash where slashes are merged.
  for (const row of mergeSlashes.filter(({ in: path }) => path.startsWith('/'))) {
    t.equal(normalizePath(row.in, 'MERGE_SLASHES'), expected(row), row.in);
  }
});

t.test('fragments of Envoy', { skip }, async (t) => {
  const { removeQueryAndFragment } = read('envoy-path-utility.json') as EnvoyTable;
  for (const row of removeQueryAndFragment) {
    t.equal(normalizePath(row.in, 'NONE')?.split('?')[0], expected(row), row.in);
  }
});

t.test('unescaped slashes of Envoy, canonical and merged as Istio asks', { skip }, async (t) => {
  const { unescapeSlashes } = read('envoy-path-utility.json') as EnvoyTable;
  for (const row of unescapeSlashes) {
    const unescaped = normalizePath(expected(row) ?? '', 'MERGE_SLASHES');
    t.equal(normalizePath(row.in, 'DECODE_AND_MERGE_SLASHES'), unescaped, row.in);
  }
});

t.test('the universal header validator of Envoy, which Istio does not use', { skip }, async (t) => {
  const { cases } = read('envoy-uhv-path-normalizer.json') as AdvisoryTable;
  const agreeing = cases.filter((row) => {
    const wanted = row.result === 'accept' ? expected(row) : null;
    return normalizePath(row.in, 'MERGE_SLASHES') === wanted;
  });
  // Advisory: it merges slashes by default, upper-cases escapes and refuses more.
  t.comment(`${agreeing.length} of ${cases.length} rows agree`);
  t.ok(agreeing.length > 0);
});
