/**
 * Keeps the processors of a virtual machine awake while something is measured. One that goes to
 * sleep must be woken by the host, which counts as CPU time of whoever wakes it, and what that
 * costs depends on the host's other guests: 1 to 100 µs for each write to a socket (measured).
 */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { beforeExit } from './before-exit.ts';
import { findCommand } from './find-command.ts';
import { canPin } from './pinned-process.ts';

/** As long as it is open, no processor may take longer to wake up than the microseconds in it. */
const latencyFile = '/dev/cpu_dma_latency';
const stateFile = '/sys/devices/system/cpu/cpu0/cpuidle/state0/name';

/** Runs until it is ended, and only while nobody else wants the processor (SCHED_IDLE). */
const idleLoop = ['chrt', '-i', '0', process.execPath, '-e', 'for (;;);'];

/**
 * Returns how to end it, and says on standard error how it is done. Linux itself keeps them awake
 * where it is asked for (by root, as a rule); elsewhere loops do, which have to be interrupted for
 * each request: latencies are several times as long (docs/decisions/0130). Without either, and
 * `chrt` and `taskset`, it does nothing.
 */
export function keepAwake(): () => void {
  const end = askForNoLatency() ?? runIdleLoops();
  if (end === null) console.error('processors may sleep: chrt or taskset is missing; expect noise');
  return end ?? (() => {});
}

/** null: the system does not let us, or it cannot. */
function askForNoLatency(): (() => void) | null {
  try {
    if (readFileSync(stateFile, 'latin1').trim() !== 'POLL') return null;
    const file = openSync(latencyFile, 'w');
    writeSync(file, Buffer.alloc(4));
    console.error('processors are kept awake by the system');
    return () => closeSync(file);
  } catch {
    // No right to it, or no such file: loops do it.
    return null;
  }
}

/** null: they cannot be started here. */
function runIdleLoops(): (() => void) | null {
  if (!canPin || findCommand('chrt') === null) return null;
  console.error('processors are kept awake by loops: latencies would be shorter as root');
  const loops = Array.from({ length: availableParallelism() }, (_, core) =>
    spawn('taskset', ['-c', String(core), ...idleLoop], { stdio: 'ignore' }),
  );
  const end = (): void => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
  beforeExit(end);
  return end;
}
