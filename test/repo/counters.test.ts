import t from 'tap';
import { ClusterStats } from '../../src/cluster/cluster-stats.ts';
import { ListenerStats } from '../../src/telemetry/metrics/listener-stats.ts';
import { responseFlag } from '../../src/telemetry/response-flags.ts';
import { typescriptUnder, withoutComments } from './source-tree.ts';

// What /stats and the access log show must be able to happen: a counter that nobody adds to, or a
// flag that nobody sets, reads like "this never went wrong".

const source = typescriptUnder('src').map(({ path, text }) => ({
  path,
  code: withoutComments(text),
}));

function isWritten(field: string): boolean {
  const write = new RegExp(`\\.${field}(\\+\\+|--| [-+]?= )`);
  return source.some(({ code }) => write.test(code));
}

const classes: readonly [name: string, stats: object][] = [
  ['ListenerStats', new ListenerStats()],
  ['ClusterStats', new ClusterStats()],
];
for (const [name, stats] of classes) {
  t.test(`every number of ${name} is counted somewhere`, async (t) => {
    const numbers = Object.entries(stats).filter(([, value]) => typeof value === 'number');
    const fields = numbers.map(([field]) => field);
    t.ok(fields.length > 20);
    t.same(
      fields.filter((field) => !isWritten(field)),
      [],
    );
  });
}

t.test('every response flag is set somewhere', async (t) => {
  const users = source.filter(({ path }) => path !== 'src/telemetry/response-flags.ts');
  const flags = Object.keys(responseFlag).filter((name) => name !== 'none');
  const unused = flags.filter(
    (flag) => !users.some(({ code }) => new RegExp(`\\bresponseFlag\\.${flag}\\b`).test(code)),
  );
  t.same(unused, []);
});
