/**
 * Loaded into the proxy before its own modules (`--import`, with `--expose-gc`): collects garbage
 * and counts objects when it is told to, so that what is left is what is held.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename, dirname, extname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { queryObjects } from 'node:v8';
import { openMalloc } from './malloc.ts';
import { type Standstill, Standstills } from './standstills.ts';

export type ProbeRequest = 'memory' | 'counts';

/** Bytes, after the garbage has been collected and free pages were given back. */
export interface ProbedMemory {
  readonly heap: number;
  /** Buffers and other memory that V8 counts outside of its heap. */
  readonly external: number;
  /** Of the allocator of the C library; null where it does not tell. */
  readonly malloc: number | null;
  /** Without what is read from files, of which the system keeps as much as it likes. */
  readonly resident: number;
  /** Before anything was collected. */
  readonly residentBefore: number;
  /** How long all of this took. */
  readonly tookMs: number;
  /** Since it was asked last. */
  readonly standstills: readonly Standstill[];
}

export type ProbeAnswer = { readonly value: unknown } | { readonly error: string };

/** Living objects by what they are. */
export type LivingObjects = Readonly<Record<string, number>>;

type Constructor = abstract new (...args: never[]) => unknown;

/** Classes, and the names of the files that export them, in whatever folder these are. */
const classes: Readonly<Record<string, string>> = {
  LiveCluster: 'live-cluster',
  LiveEndpoint: 'live-endpoint',
  CompiledRouteTable: 'route-table',
  ActiveListener: 'active-listener',
  DownstreamConnection: 'downstream-connection',
  Stream: 'stream',
  Router: 'router',
  Http1Connection: 'http1-connection',
};

const main = process.argv[1] ?? '';
const malloc = await openMalloc();
const standstills = new Standstills();
/** Found when they are asked for first, which is before anything is measured. */
let living: Promise<ReadonlyMap<string, Constructor>> | null = null;

async function collect(): Promise<void> {
  // Twice: what the first one finalises is free after the second.
  globalThis.gc?.();
  await nextTurn();
  globalThis.gc?.();
  malloc?.trim();
}

async function measureMemory(): Promise<ProbedMemory> {
  const residentBefore = residentBytes();
  const seen = standstills.take();
  const start = performance.now();
  await collect();
  const { heapUsed, external } = process.memoryUsage();
  const resident = residentBytes();
  const inUse = malloc === null ? null : malloc.inUse();
  standstills.forgive();
  return {
    ...{ heap: heapUsed, external, malloc: inUse, resident, residentBefore },
    ...{ tookMs: Math.round(performance.now() - start), standstills: seen },
  };
}

function residentBytes(): number {
  const status = readFileSync('/proc/self/status', 'latin1');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

async function countAll(): Promise<LivingObjects> {
  await collect();
  const counts: Record<string, number> = {};
  living ??= findClasses();
  for (const [name, found] of await living) counts[name] = count(found);
  // Timers are objects of this class also when they do not keep the process alive.
  const timer = setTimeout(() => undefined, 0);
  const Timeout = timer.constructor as Constructor;
  clearTimeout(timer);
  return { ...counts, Timeout: count(Timeout), Socket: count(Socket) };
}

async function findClasses(): Promise<ReadonlyMap<string, Constructor>> {
  const folder = dirname(main);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const found = new Map<string, Constructor>();
  for (const [name, file] of Object.entries(classes)) {
    const path = files.find(
      (one) =>
        basename(one) === `${file}${extname(main)}` &&
        new RegExp(`class ${name}\\b`).test(readFileSync(join(folder, one), 'utf8')),
    );
    if (path === undefined) throw new Error(`${folder} has no ${name}`);
    // The proxy has loaded it: this is the same module.
    const module = await import(pathToFileURL(join(folder, path)).href);
    found.set(name, module[name]);
  }
  return found;
}

function count(type: Constructor): number {
  return queryObjects(type as never, { format: 'count' }) as unknown as number;
}

process.on('message', (message: ProbeRequest) => {
  const answer: Promise<unknown> = message === 'memory' ? measureMemory() : countAll();
  void answer.then(
    (value) => process.send?.({ value }),
    (error: Error) => process.send?.({ error: error.stack ?? error.message }),
  );
});
// It ends with the soak, whatever ends that.
process.on('disconnect', () => process.exit());
process.channel?.unref();
