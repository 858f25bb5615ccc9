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
import type { Attack } from './attack.ts';
import { attacks } from './attacks.ts';
import { carryOut } from './carry-out.ts';
import { watchCore } from './core-time.ts';
import { GoodClient } from './good-client.ts';
import type { Order } from './good-load.ts';
import { beforeOthers, goBeforeOtherSessions } from './priority.ts';
import { type AttackedProxy, startProxy } from './proxy.ts';
import {
  liveHeapMiB,
  type ProxyState,
  readState,
  settledHeapMiB,
  waitForCalm,
} from './proxy-state.ts';
import {
  allowedHeapMiB,
  allowedOthersCpu,
  allowedRatio,
  isDisturbed,
  type Outcome,
  othersCpu,
  type Period,
  renderHeading,
  renderRow,
  requiredPercent,
  type Skipped,
  shortfalls,
  summarize,
} from './report.ts';
import { clientCore, endpointPort, goodEndpointPort } from './setup.ts';

const usage = `usage: npm run bench:attacks -- [options]
  --only NAMES   attacks, separated by commas; default all
  --calm N       seconds of the client alone, before each attack; default 5
  --seconds N    seconds of each attack; default 5
  --rps N        requests a second of the client, at a constant rate; default 400
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
/** Load on each listener before the first measurement, seconds: code is warm then. */
const warmUpSeconds = 3;
/** Each attack is carried out for so long before calm is measured: so is the code that it needs. */
const rehearsalSeconds = 1.5;
/** Where others have the proxy's core meanwhile. */
const attemptsMax = 3;

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
      calm: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      rps: { type: 'string', default: '400' },
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
  const isFirst = goBeforeOtherSessions();
  const endpoints = await startEndpoints();
  const client = new GoodClient();
  console.error(`The client's priority: ${beforeOthers.name}`);
  if (!isFirst) console.error('Other sessions of this machine are as important as this one');
  const outcomes: Outcome[] = [];
  const skipped: Skipped[] = [];
  let subject: Subject | null = null;
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
      subject ??= await startSubject(options, { client, folder });
      const outcome = await measureUndisturbed(attack, { ...subject, client }, options);
      subject.heapMiB += outcome.heapMiB;
      outcomes.push(outcome);
      console.log(renderRow(outcome));
      console.error(`  the attacker: ${outcome.attacker}`);
      // What it has kept would be counted against the next attack.
      if (outcome.leftOver !== null) {
        await subject.process.stop();
        subject = null;
      }
    }
  } finally {
    client.stop();
    await subject?.process.stop();
    for (const endpoint of endpoints) await endpoint.stop();
  }
  return report(options, outcomes, skipped);
}

async function startEndpoints(): Promise<readonly PinnedProcess[]> {
  const [good, other] = ['good-endpoint.ts', 'endpoint.ts'].map((file) => [
    process.execPath,
    join(import.meta.dirname, file),
  ]) as [string[], string[]];
  return [
    await startPinned(clientCore, [...beforeOthers.prefix, ...good], goodEndpointPort),
    await startPinned(clientCore, other, endpointPort),
  ];
}

function skipReason(attack: Attack): string | null {
  const isMissing = attack.kind === 'slowhttptest' && findCommand('slowhttptest') === null;
  return isMissing ? 'slowhttptest is not installed' : null;
}

/** The proxy, and what it holds when nobody uses it. */
interface Subject {
  readonly process: AttackedProxy;
  readonly calm: ProxyState;
  heapMiB: number;
}

interface Surroundings {
  readonly client: GoodClient;
  readonly folder: string;
}

async function startSubject(
  { main, rps }: Options,
  { client, folder }: Surroundings,
): Promise<Subject> {
  const process = await startProxy(main, folder);
  for (const listener of ['plain', 'tls'] as const) {
    await client.run({ listener, requestsPerSecond: rps, seconds: warmUpSeconds });
  }
  await pause(recoveryMs / 2);
  return { process, calm: await readState(process.pid), heapMiB: await liveHeapMiB(process) };
}

/** Again where others had the proxy's core; the one in which they had the least of it counts. */
async function measureUndisturbed(
  attack: Attack,
  subject: Subject & Pick<Surroundings, 'client'>,
  options: Options,
): Promise<Outcome> {
  let best = await measure(attack, subject, options);
  for (let i = 1; i < attemptsMax && isDisturbed(best) && best.leftOver === null; i++) {
    console.error(
      `  again: others had ${(100 * othersCpu(best)).toFixed(0)} % of the proxy's core`,
    );
    const next = await measure(attack, subject, options);
    if (next.leftOver !== null || othersCpu(next) < othersCpu(best)) best = next;
  }
  return best;
}

async function measure(
  attack: Attack,
  subject: Subject & Pick<Surroundings, 'client'>,
  options: Options,
): Promise<Outcome> {
  const { pid } = subject.process;
  const goodLoad = (seconds: number): Promise<Period> =>
    measureLoad(subject.client, pid, {
      listener: attack.port,
      requestsPerSecond: options.rps,
      seconds,
    });
  await Promise.all([carryOut(attack, rehearsalSeconds), goodLoad(rehearsalSeconds)]);
  await waitForCalm(pid, subject.calm, recoveryMs);
  // Otherwise V8 would give back what the rehearsal has left in the middle of what is measured.
  await liveHeapMiB(subject.process);
  const calm = await goodLoad(options.calmSeconds);
  const attacking = carryOut(attack, onsetMs / 1000 + options.seconds);
  await pause(onsetMs);
  const attacked = await goodLoad(options.seconds);
  const attacker = await attacking;
  const end = performance.now() + recoveryMs;
  const leftOver = await waitForCalm(pid, subject.calm, recoveryMs);
  const limit = subject.heapMiB + allowedHeapMiB;
  const withinMs = end - performance.now();
  const heapMiB = (await settledHeapMiB(subject.process, { limit, withinMs })) - subject.heapMiB;
  const { name, note } = attack;
  return { attack: name, note, calm, attacked, attacker, leftOver, heapMiB };
}

/** The proxy is asked for its state halfway, calm or not: the answer costs it some milliseconds. */
async function measureLoad(client: GoodClient, pid: number, order: Order): Promise<Period> {
  const useOfCore = watchCore(pid);
  const halfway = pause(500 * order.seconds).then(() => readState(pid));
  const answers = await client.run(order);
  const use = useOfCore();
  return { ...summarize(answers), ...use, connections: (await halfway).connections };
}

function report(
  { calmSeconds, seconds, rps, output }: Options,
  outcomes: readonly Outcome[],
  skipped: readonly Skipped[],
): number {
  mkdirSync(join(output, '..'), { recursive: true });
  const bars = { requiredPercent, allowedRatio, allowedHeapMiB, allowedOthersCpu, recoveryMs };
  const result = { bars, calmSeconds, seconds, rps, outcomes, skipped };
  writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  const failed = outcomes.filter((outcome) => shortfalls(outcome).length > 0);
  for (const outcome of failed) {
    console.error(`${outcome.attack}: ${shortfalls(outcome).join('; ')}`);
  }
  console.error(`${outcomes.length - failed.length} of ${outcomes.length} attacks withstood`);
  return failed.length === 0 ? 0 : 1;
}
