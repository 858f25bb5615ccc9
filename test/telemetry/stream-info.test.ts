import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { testStreamInfo } from './stream-info-fixture.ts';

const source = join(import.meta.dirname, '../../src');
/** Who is handed the record of an exchange while it goes on. */
const writers = [
  ...globSync(join(source, 'proxy/**/*.ts')),
  join(source, 'telemetry/tracing/pass-trace.ts'),
];

const given = ['listener', 'startedAt', 'startedWall'];
/** All clients speak HTTP/1.1 here, without TLS. */
const fixed = ['protocol', 'requestedServerName'];

t.test('every field is written by the proxy: what is logged can be known', async (t) => {
  const files = writers.map((path) => readFileSync(path, 'utf8'));
  const assigned = files.join('\n').matchAll(/\binfo\.(\w+) (?:[+|]|\?\?)?= /g);
  const written = new Set([...given, ...fixed, ...[...assigned].map(([, name = '']) => name)]);
  t.same(
    Object.keys(testStreamInfo()).filter((name) => !written.has(name)),
    [],
  );
});
