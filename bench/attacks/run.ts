/**
 * Attacks on sluice, one after the other, while a client that behaves goes on: how many of its
 * requests succeed, how long they wait, and what is left when the attacker is gone.
 * Run: npm run bench:attacks -- --help
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runCommand } from '../support/command.ts';
import { findCommand } from '../support/find-command.ts';
import { type PinnedProcess, startPinned } from '../support/pinned-process.ts';
import { cpuSeconds } from '../support/process-stats.ts';
import type { Attack } from './attack.ts';
import { attacks } from './attacks.ts';
import { carryOut } from './carry-out.ts';
import { GoodClient } from './good-client.ts';
import { startProxy } from './proxy.ts';
import { liveHeapMiB, type ProxyState, readState, waitForCalm } from './proxy-state.ts';
import {
  allowedHeapMiB,
  allowedRatio,
  type Outcome,
  renderHeading,
  renderRow,
  requiredPercent,
  type Skipped,
  shortfalls,
  summarize,
} from './report.ts';
import { clientCore, endpointPort } from './setup.ts';

const usage = `usage: npm run bench:attacks -- [options]
  --only NAMES   attacks, separated by commas; default all
  --calm N       seconds of the client alone, before each attack; default 2
  --seconds N    seconds of each attack; default 3
  --rps N        requests a second of the client, at a constant rate; default 200
  --main PATH    entry point of sluice; default dist/main.js
  --output PATH  file for the results as JSON; default bench/results/attacks.json

${attacks.map(({ name, note }) => `  ${name.padEnd(22)} ${note}`).join('\n')}

The client sends a quarter of its requests each over HTTP/1.1 and HTTP/2, on kept and on new
connections, by TLS where that is attacked. Exits with 1 when during an attack less than
${requiredPercent} % of them succeed, or their p99 is above ${allowedRatio} times that before it,
or when connections, requests, timers or descriptors are left afterwards, or the live heap has grown
by more than ${allowedHeapMiB} MiB; with 2 on wrong usage.`;

/** An attack is under way for so long before its effect is measured, milliseconds. */
const onsetMs = 500;
/** Everything that an attacker had is given back within this time, milliseconds. */
const recoveryMs = 3_000;
/** Load before the first measurement: code is warm then. Seconds. */
const warmUpSeconds = 4;

process.exitCode = await runCommand({ usage, read: readOptions, run: main });

interface Options {
  readonly chosen: readonly Attack[];
  readonly calmSeconds: number;
  readonly seconds: number;
  readonly rps: number;
  readonly main: string;
  readonly output: string;
}

async function main(options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-attacks-'));
  try {
    return await measureAll(options, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(): Options | string | null {
  const root = join(import.meta.dirname, '../..');
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      calm: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '3' },
      rps: { type: 'string', default: '200' },
      main: { type: 'string', default: join(root, 'dist/main.js') },
      output: { type: 'string', default: join(root, 'bench/results/attacks.json') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const names = values.only?.split(',') ?? attacks.map(({ name }) => name);
  const chosen = attacks.filter(({ name }) => names.includes(name));
  if (chosen.length !== names.length) {
    return `--only: some of ${attacks.map(({ name }) => name).join(', ')}`;
  }
  const [calmSeconds, seconds, rps] = [values.calm, values.seconds, values.rps].map(Number);
  for (const [flag, value] of Object.entries({ calm: calmSeconds, seconds, rps })) {
    if (!((value as number) > 0)) return `--${flag}: a number above 0`;
  }
  return {
    chosen,
    calmSeconds: calmSeconds as number,
    seconds: seconds as number,
    rps: rps as number,
    main: resolve(values.main),
    output: resolve(values.output),
  };
}

async function measureAll(options: Options, folder: string): Promise<number> {
  const endpointScript = join(import.meta.dirname, 'endpoint.ts');
  const command = [process.execPath, endpointScript];
  const endpoint = await startPinned(clientCore, command, endpointPort);
  const outcomes: Outcome[] = [];
  const skipped: Skipped[] = [];
  let proxy: Subject | null = null;
  console.log(renderHeading());
  try {
    for (const attack of options.chosen) {
      const reason = skipReason(attack);
      if (reason !== null) {
        console.log(`${attack.name}: skipped, ${reason}`);
        skipped.push({ attack: attack.name, reason });
        continue;
      }
      console.error(`${attack.name}: ${attack.note}`);
      proxy ??= await startSubject(options, folder);
      const outcome = await measure(attack, proxy, options);
      outcomes.push(outcome);
      console.log(renderRow(outcome));
      console.error(`  the attacker: ${outcome.attacker}`);
      // What it has kept would be counted against the next attack.
      if (outcome.leftOver !== null) {
        await proxy.process.stop();
        proxy = null;
      }
    }
  } finally {
    await proxy?.process.stop();
    await endpoint.stop();
  }
  return report(options, outcomes, skipped);
}

function skipReason(attack: Attack): string | null {
  const isMissing = attack.kind === 'slowhttptest' && findCommand('slowhttptest') === null;
  return isMissing ? 'slowhttptest is not installed' : null;
}

/** The proxy, and what it holds when nobody uses it. */
interface Subject {
  readonly process: PinnedProcess;
  readonly calm: ProxyState;
  heapMiB: number;
}

async function startSubject({ main, rps }: Options, folder: string): Promise<Subject> {
  const process = await startProxy(main, folder);
  for (const listener of ['plain', 'tls'] as const) {
    const client = new GoodClient(listener);
    await client.run(rps, warmUpSeconds / 2);
    client.close();
  }
  await pause(recoveryMs / 2);
  return { process, calm: await readState(process.pid), heapMiB: await liveHeapMiB() };
}

async function measure(attack: Attack, subject: Subject, options: Options): Promise<Outcome> {
  const { calmSeconds, seconds, rps } = options;
  const { pid } = subject.process;
  const client = new GoodClient(attack.port);
  const calm = summarize(await client.run(rps, calmSeconds));
  const attacking = carryOut(attack, onsetMs / 1000 + seconds);
  await pause(onsetMs);
  const cpuBefore = cpuSeconds(pid);
  const start = performance.now();
  const halfway = pause(500 * seconds).then(() => readState(pid));
  const attacked = summarize(await client.run(rps, seconds));
  const proxyCpu = (cpuSeconds(pid) - cpuBefore) / ((performance.now() - start) / 1000);
  const { connections } = await halfway;
  const attacker = await attacking;
  client.close();
  const leftOver = await waitForCalm(pid, subject.calm, recoveryMs);
  const heapBefore = subject.heapMiB;
  subject.heapMiB = await liveHeapMiB();
  const heapMiB = subject.heapMiB - heapBefore;
  const { name, note } = attack;
  const load = { proxyCpu, connections, attacker };
  return { attack: name, note, calm, attacked, ...load, leftOver, heapMiB };
}

function report(
  { calmSeconds, seconds, rps, output }: Options,
  outcomes: readonly Outcome[],
  skipped: readonly Skipped[],
): number {
  mkdirSync(join(output, '..'), { recursive: true });
  const bars = { requiredPercent, allowedRatio, allowedHeapMiB, recoveryMs };
  const result = { bars, calmSeconds, seconds, rps, outcomes, skipped };
  writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  const failed = outcomes.filter((outcome) => shortfalls(outcome).length > 0);
  for (const outcome of failed) {
    console.error(`${outcome.attack}: ${shortfalls(outcome).join('; ')}`);
  }
  console.error(`${outcomes.length - failed.length} of ${outcomes.length} attacks withstood`);
  return failed.length === 0 ? 0 : 1;
}
