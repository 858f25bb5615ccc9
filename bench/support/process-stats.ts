/** CPU time and memory of a process and all its descendants, from /proc (Linux). */

import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks in a second: `USER_HZ`, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** User and system time so far, seconds, in steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const member of processTree(pid)) ticks += cpuTicks(member);
  return ticks / ticksPerSecond;
}

/** Calls by which it has written so far, of the process alone: of wrk one for each request. */
export function writeCalls(pid: number): number {
  return Number(/^syscw: (\d+)$/m.exec(readProcFile(pid, 'io'))?.[1] ?? 0);
}

/** Resident set, MiB. Pages shared by several processes count once for each. */
export function residentMiB(pid: number): number {
  let kib = 0;
  for (const member of processTree(pid)) {
    const status = readProcFile(member, 'status');
    kib += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  }
  return kib / 1024;
}

function processTree(pid: number): number[] {
  const tree = [pid];
  for (const member of tree) {
    for (const thread of threads(member)) {
      const children = readProcFile(member, `task/${thread}/children`).trim();
      if (children !== '') tree.push(...children.split(' ').map(Number));
    }
  }
  return tree;
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // It has ended.
    return [];
  }
}

function cpuTicks(pid: number): number {
  const stat = readProcFile(pid, 'stat');
  // The command name may contain spaces and brackets; the fields begin after its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function readProcFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    // It has ended.
    return '';
  }
}
