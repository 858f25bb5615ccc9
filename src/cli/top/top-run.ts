/** What `sluice top` does: draws on a terminal until the user has had enough, or prints once. */

import { systemClock } from '../../base/clock.ts';
import { exitCode } from '../exit-code.ts';
import { interruption, pause } from '../interruption.ts';
import { AdminConnection } from '../options/admin-connection.ts';
import { painter, usesColor } from '../output/color.ts';
import { fail } from '../output/say.ts';
import { Screen } from './screen.ts';
import type { TopFlags } from './top.ts';
import { groupings, sortOrders } from './top-choices.ts';
import { TopMonitor } from './top-monitor.ts';
import { topJson, topText } from './top-report.ts';
import { type TopView, topScreen } from './top-screen.ts';

const ctrlC = '\u0003';
const intervalMs = 1000;
/** How long a proxy is watched that does not know what it did in the last seconds. */
const firstWatchMs = 2000;

export async function top(flags: TopFlags): Promise<number> {
  const admin = new AdminConnection(flags);
  const monitor = new TopMonitor(admin, systemClock);
  // Signals end the process until there is a screen to leave: a proxy may not answer for long.
  const connected = await monitor.connect();
  if (!connected.ok) return fail(connected.error);
  await monitor.refresh();
  const isWatched = process.stdin.isTTY === true && process.stdout.isTTY === true;
  if (isWatched && flags.once !== true && flags.output === 'text') {
    await watch(monitor, flags, interruption());
  } else {
    // The load of endpoints is a difference.
    await pause(connected.value ? intervalMs : firstWatchMs);
    await monitor.refresh();
    if (monitor.problem !== null) return fail(monitor.problem);
    const view = topView(monitor, flags);
    process.stdout.write(flags.output === 'json' ? topJson(view, monitor.traffic) : topText(view));
  }
  // A proxy that does not answer is not waited for.
  process.exit(exitCode.ok);
}

/** Draws until the user has had enough. */
async function watch(monitor: TopMonitor, flags: TopFlags, ending: AbortController) {
  let { by, sort } = flags;
  let round = new AbortController();
  const drawAgain = (): void => round.abort();
  const onKey = (key: string): void => {
    if (key === 'q' || key === ctrlC) ending.abort();
    if (key === 's') sort = next(sortOrders, sort);
    if (key === 'g') by = next(groupings, by);
    drawAgain();
  };
  ending.signal.addEventListener('abort', drawAgain);
  const screen = new Screen(process.stdin, process.stdout, { onKey, onResize: drawAgain });
  const paint = painter(usesColor());
  screen.open();
  try {
    let refreshAt = systemClock.now();
    while (!ending.signal.aborted) {
      if (systemClock.now() >= refreshAt) {
        refreshAt = systemClock.now() + intervalMs;
        void monitor.refresh().then(drawAgain);
      }
      screen.draw(topScreen(topView(monitor, { ...flags, by, sort }), screen, paint));
      round = new AbortController();
      await pause(refreshAt - systemClock.now(), round.signal);
    }
  } finally {
    screen.close();
  }
}

function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}

function topView(monitor: TopMonitor, { by, sort }: TopFlags): TopView {
  const wall = systemClock.wall();
  const { place, info, problem, endpoints, traffic } = monitor;
  return {
    ...{ place, info, problem, endpoints, wall },
    seconds: traffic.seconds(wall),
    total: traffic.total(wall),
    traffic: traffic.rows(by, wall),
    grouping: by,
    order: sort,
  };
}
