import t from 'tap';
import { typescriptUnder } from './source-tree.ts';

// What only some configurations need is imported when one asks for it: a start takes no longer, and
// no more memory, for everybody else.

const late = /^(@opentelemetry|@grpc)\//;

t.test('exporters of telemetry are imported late', async (t) => {
  const early: string[] = [];
  let found = 0;
  for (const { path, text } of typescriptUnder('src')) {
    for (const [, type, name = ''] of text.matchAll(
      /^import (type )?[^;]*?\bfrom '([^'.][^']*)';/gm,
    )) {
      if (!late.test(name)) continue;
      found++;
      if (type === undefined) early.push(`${path}: ${name}`);
    }
  }
  t.same(early, []);
  t.ok(found > 3, 'types may be imported at any time');
});
