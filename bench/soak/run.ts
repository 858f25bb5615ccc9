/**
 * Minutes under load while rules change, endpoints fail and clients leave: nothing wrong may come,
 * and nothing may be left over. Run: npm run bench:soak -- --help
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../support/command.ts';
import { judgeFacts, judgeFiles, judgeLoad } from './judge.ts';
import { judgeMemory } from './judge-memory.ts';
import { placeLoad, proxyPrefix } from './placement.ts';
import { renderReport, resultOf } from './report.ts';
import { type SoakOptions, soak } from './soak.ts';

const usage = `usage: npm run bench:soak -- [options]
  --minutes N    how long, after the capacity was measured; default 10
  --rate N       requests a second; default 70 % of what both sides can do
  --main PATH    entry point of sluice; default src/main.ts, whose classes can be counted
  --output PATH  file for the result as JSON; default bench/results/soak.json

Rules change every 5 s, one of 16 endpoints fails for 3 of 4 s, each time in another way, one client
of a hundred leaves before its answer has come. Exits with 1 when anything was wrong, with 2 on
wrong usage. Memory is judged from 5 minutes on: before that it is still warming up.`;

const root = join(import.meta.dirname, '../..');
/** From here on growth can be told from warming up, minutes. */
const leastMemoryMinutes = 5;

process.exitCode = await runCommand({ usage, read: readOptions, run: main });

interface Options {
  readonly minutes: number;
  readonly rate: number | null;
  readonly main: string;
  readonly output: string;
}

async function main(options: Options): Promise<number> {
  const letSleep = placeLoad();
  const outcome = await soak(soakOptions(options)).finally(letSleep);
  const judgements = [
    ...judgeFacts(outcome),
    ...judgeFiles(outcome),
    ...judgeLoad(outcome),
    ...(options.minutes >= leastMemoryMinutes ? judgeMemory(outcome.samples) : []),
  ];
  console.log(renderReport(outcome, judgements));
  mkdirSync(dirname(options.output), { recursive: true });
  writeFileSync(options.output, `${JSON.stringify(resultOf(outcome, judgements), null, 2)}\n`);
  const failed = judgements.filter(({ ok }) => !ok);
  for (const { name, text } of failed) console.error(`failed: ${name}: ${text}`);
  return failed.length === 0 ? 0 : 1;
}

function readOptions(): Options | string | null {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string' },
      main: { type: 'string', default: join(root, 'src/main.ts') },
      output: { type: 'string', default: join(root, 'bench/results/soak.json') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const minutes = Number(values.minutes);
  const rate = values.rate === undefined ? null : Number(values.rate);
  if (!(minutes >= 0.2)) return '--minutes: a number from 0.2 on';
  if (rate !== null && !(rate > 0)) return '--rate: a number above 0';
  return { minutes, rate, main: resolve(values.main), output: resolve(values.output) };
}

function soakOptions({ minutes, rate, main: entry }: Options): SoakOptions {
  const durationMs = minutes * 60_000;
  return {
    ...{ main: entry, durationMs, rate },
    warmUpMs: 5_000,
    rehearsalMs: 20_000,
    reloadMs: 5_000,
    flapping: { failingMs: 3_000, wellMs: 1_000 },
    // Longer than an idle process that reads configuration is kept.
    quietMs: 12_000,
    ports: { gateway: 18_680, admin: 18_690 },
    prefix: proxyPrefix(),
    onProgress: (text) => console.error(text),
  };
}
