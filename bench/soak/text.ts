/** Numbers of a soak as people read them. */

import type { ProbedMemory } from './proxy-probe.ts';
import type { SeenStandstill } from './soak.ts';

export function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function renderMemory(memory: ProbedMemory): string {
  const { heap, external, malloc, resident, residentBefore, tookMs } = memory;
  return (
    `heap ${mib(heap)}, external ${mib(external)}, ` +
    `malloc ${malloc === null ? 'unknown' : mib(malloc)}, ` +
    `resident ${mib(residentBefore)}, ${mib(resident)} after ${tookMs} ms of collection`
  );
}

export function renderStandstill({ who, at, ms, ranMs }: SeenStandstill): string {
  const time = new Date(at).toISOString();
  return `${time} the ${who} stood still for ${ms} ms, and ran for ${ranMs} ms of it`;
}
