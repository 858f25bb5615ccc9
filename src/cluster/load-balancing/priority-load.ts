/**
 * How requests are shared among the priorities of a cluster: Envoy's rules. A priority counts as
 * fully available while `healthy * 1.4` covers its endpoints; what it lacks goes to the next ones.
 */

export interface PriorityHealth {
  readonly healthy: number;
  readonly total: number;
}

export interface PriorityLoad {
  /** Percentage of the requests. All together: 100, or 0 where nothing can serve. */
  percent: number;
  /** Too few endpoints are healthy: all of them are used. */
  panic: boolean;
}

/** Envoy's default overprovisioning_factor, in percent. */
export const overprovisioningPercent = 140;

/** One result for each priority, in the same order. `panicThresholdPercent` 0: never panic. */
export function sharePriorityLoad(
  priorities: readonly PriorityHealth[],
  panicThresholdPercent: number,
): PriorityLoad[] {
  const availability = priorities.map(availabilityPercent);
  const available = Math.min(
    100,
    availability.reduce((sum, percent) => sum + percent, 0),
  );
  const loads = availability.map((percent) => ({
    percent: available === 0 ? 0 : Math.floor((percent * 100) / available),
    panic: false,
  }));
  if (available > 0) levelTo100(loads, availability);
  if (available === 100 || panicThresholdPercent === 0) return loads;
  priorities.forEach((priority, index) => {
    (loads[index] as PriorityLoad).panic = healthyPercent(priority) < panicThresholdPercent;
  });
  if (loads.every((load) => load.panic)) shareBySize(loads, priorities);
  return loads;
}

/** What of a whole load a priority can take. */
export function availabilityPercent({ healthy, total }: PriorityHealth): number {
  if (total === 0) return 0;
  return Math.min(100, Math.floor((overprovisioningPercent * healthy) / total));
}

function healthyPercent({ healthy, total }: PriorityHealth): number {
  return total === 0 ? 0 : (100 * healthy) / total;
}

/** Cuts what goes beyond 100; what rounding lost goes to the first that is available. */
function levelTo100(loads: PriorityLoad[], availability: readonly number[]): void {
  let left = 100;
  for (const load of loads) {
    load.percent = Math.min(left, load.percent);
    left -= load.percent;
  }
  const first = loads[availability.findIndex((percent) => percent > 0)];
  if (first !== undefined) first.percent += left;
}

/** Where every priority panics, each gets requests by its number of endpoints. */
function shareBySize(loads: PriorityLoad[], priorities: readonly PriorityHealth[]): void {
  const endpoints = priorities.reduce((sum, priority) => sum + priority.total, 0);
  if (endpoints === 0) return;
  let left = 100;
  loads.forEach((load, index) => {
    load.percent = Math.floor((100 * (priorities[index] as PriorityHealth).total) / endpoints);
    left -= load.percent;
  });
  const first = loads[priorities.findIndex((priority) => priority.total > 0)];
  if (first !== undefined) first.percent += left;
}
