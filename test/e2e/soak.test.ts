/**
 * The soak of `npm run bench:soak` in short: rules that change, endpoints that fail in every way,
 * clients that leave. Facts only; memory and capacity need minutes.
 */

import { join } from 'node:path';
import t from 'tap';
import { judgeFacts } from '../../bench/soak/judge.ts';
import { soak } from '../../bench/soak/soak.ts';
import { freePorts } from '../support/free-port.ts';

t.setTimeout(120_000);

t.test('nothing wrong comes, and nothing is left over', async (t) => {
  const [gateway = 0, admin = 0] = await freePorts(2);
  const outcome = await soak({
    // Living objects are counted by their classes, which in the package are in other files.
    main: join(import.meta.dirname, '../../src/main.ts'),
    durationMs: 12_000,
    rate: 300,
    warmUpMs: 1_000,
    rehearsalMs: 0,
    reloadMs: 800,
    flapping: { failingMs: 600, wellMs: 200 },
    quietMs: 1_000,
    ports: { gateway, admin },
    prefix: [],
    onProgress: (text) => t.comment(text),
  });
  for (const { name, ok, text } of judgeFacts(outcome)) t.ok(ok, `${name}: ${text}`);
  for (const text of [...outcome.ledger.examples, ...outcome.complaints]) t.comment(text);
});
