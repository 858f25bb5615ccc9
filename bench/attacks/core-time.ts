/** How busy the proxy's core is, and with what, from /proc (Linux). */

import { readFileSync } from 'node:fs';
import { cpuSeconds } from '../support/process-stats.ts';
import { proxyCore } from './setup.ts';

/** Kernel clock ticks in a second: `USER_HZ`, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Shares of a time: 1 is all of the core. */
export interface CoreUse {
  readonly proxyCpu: number;
  /** Of other programs and the host, for whom the proxy may have had to wait. */
  readonly othersCpu: number;
}

/** Begins to measure. */
export function watchCore(pid: number): () => CoreUse {
  const [busy, proxy, start] = [busySeconds(), cpuSeconds(pid), performance.now()];
  return () => {
    const passed = (performance.now() - start) / 1000;
    const proxyCpu = (cpuSeconds(pid) - proxy) / passed;
    return { proxyCpu, othersCpu: (busySeconds() - busy) / passed - proxyCpu };
  };
}

/** Everything but idle and waiting for disks; guests are counted as users. */
function busySeconds(): number {
  const line = new RegExp(`^cpu${proxyCore} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'latin1'));
  const ticks = (line?.[1] ?? '').split(' ').map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks;
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}
