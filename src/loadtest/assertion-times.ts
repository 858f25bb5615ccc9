/** Finds assertions about times at which nothing happens: no run could hold them. */

import type { Path, Problems } from '../config/problem.ts';
import { timeText } from './assess/verdict.ts';
import { refuse } from './bad-value.ts';
import type { CheckOf } from './check.ts';
import { type Assertion, type Load, loadDurationMs } from './scenario.ts';
import type { Upstream } from './synthetic-upstream.ts';

export interface AssertionTimes {
  /** Of the assertion. */
  readonly path: Path;
  readonly problems: Problems;
  readonly load: Load;
  readonly upstreams: readonly Upstream[];
  /** Changes of the configuration can break an endpoint, too. */
  readonly hasChanges: boolean;
}

export function checkTimes({ fromMs, untilMs, check }: Assertion, times: AssertionTimes): void {
  const { path, problems, load } = times;
  const endMs = loadDurationMs(load);
  const inside = (ms: number, place: Path): boolean => {
    if (ms < endMs) return true;
    const message = `the load ends after ${timeText(endMs)}, no request is due from ${timeText(ms)} on`;
    refuse({ problems, path: [...path, ...place] }, message);
    return false;
  };
  if (fromMs >= untilMs) {
    const message = `no time is from ${timeText(fromMs)} until ${timeText(untilMs)}`;
    refuse({ problems, path: [...path, 'during', 'until'] }, message);
  } else {
    inside(fromMs, ['during', 'from']);
  }
  if (check.kind === 'recovery') inside(check.afterMs, ['recovery', 'after']);
  if (check.kind === 'keysMoved') inside(check.atMs + check.settleMs, ['keysMoved', 'at']);
  if (check.kind !== 'ejection' || !inside(check.afterMs, ['ejection', 'after'])) return;
  checkReason(check, times);
}

/** Something must be wrong with the endpoint when its ejection is waited for. */
function checkReason(check: CheckOf<'ejection'>, times: AssertionTimes): void {
  const { workload, endpoint, afterMs } = check;
  const upstream = times.upstreams.find((each) => each.workload === workload);
  if (upstream === undefined || times.hasChanges) return;
  // What fails by chance or always needs no failure of the script.
  if (upstream.errors !== null || upstream.status >= 500) return;
  const failures = upstream.failures.filter(
    (failure) => failure.endpoint === null || failure.endpoint + 1 === endpoint,
  );
  const lasts = failures.some(
    ({ fromMs, untilMs }) => fromMs <= afterMs && afterMs < (untilMs ?? Infinity),
  );
  if (lasts) return;
  const path = [...times.path, 'ejection', 'after'];
  const name = `${workload} endpoint ${endpoint}`;
  const message = `no failure of ${name} lasts at ${timeText(afterMs)}`;
  const whens = failures.map(({ fromMs, untilMs }) =>
    untilMs === null
      ? `from ${timeText(fromMs)} on`
      : `from ${timeText(fromMs)} until ${timeText(untilMs)}`,
  );
  const hint =
    whens.length === 0 ? 'it has none in "failures"' : `there is one ${whens.join(', ')}`;
  refuse({ problems: times.problems, path }, message, hint);
}
