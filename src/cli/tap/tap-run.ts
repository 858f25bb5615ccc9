/** What `sluice tap` does: follows the stream of requests, also over a restart of the proxy. */

import type { LiveEvent } from '../../admin/api/client.ts';
import type { DroppedRequests } from '../../admin/api/schema/requests.ts';
import { systemClock } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import { compileRequestFilter } from '../../telemetry/traffic/request-filter.ts';
import { exitCode } from '../exit-code.ts';
import { interruption, pause } from '../interruption.ts';
import { AdminConnection } from '../options/admin-connection.ts';
import { printableLine } from '../output/printable.ts';
import { fail, say } from '../output/say.ts';
import type { TapFlags } from './tap.ts';
import { jsonTapOutput, type TapOutput, textTapOutput } from './tap-output.ts';

/** More than anybody reads, and enough for a program. */
const streamedPerSecond = 1000;
/** A proxy that is restarted is waited for; milliseconds. */
const longestAbsenceMs = 30_000;
const retryIntervalMs = 500;

export async function tap(flags: TapFlags): Promise<number> {
  const admin = new AdminConnection(flags);
  if (isWrong(flags.filter ?? '')) return exitCode.usage;
  const { signal } = interruption();
  const { filter, limit = Number.POSITIVE_INFINITY } = flags;
  const connect = () => admin.client.streamRequests({ filter, limit: streamedPerSecond }, signal);
  let events = await connect();
  if (!events.ok) return signal.aborted ? exitCode.ok : fail(events.error);
  const { stdout } = process;
  const output = flags.output === 'json' ? jsonTapOutput(stdout) : textTapOutput(stdout);
  let left = limit;
  for (;;) {
    left = await show(events.value, { output, left, signal });
    if (left === 0 || signal.aborted) return exitCode.ok;
    say(`the proxy on ${admin.place} has gone; waiting for it to come back`);
    events = await reconnect(connect, signal);
    if (signal.aborted) return exitCode.ok;
    if (!events.ok) return fail(events.error);
    say('the proxy is back');
  }
}

/** The proxy would say the same, but not where the user looks. */
function isWrong(filter: string): boolean {
  const compiled = compileRequestFilter(filter);
  if (compiled.ok) return false;
  const { message, position } = compiled.error;
  say(`--filter: ${message}`);
  const text = filter.replace(/\s/g, ' ');
  process.stderr.write(`  ${printableLine(text)}\n  ${' '.repeat(position)}^\n`);
  return true;
}

interface Shown {
  readonly output: TapOutput;
  /** Requests that are still to be shown. */
  readonly left: number;
  readonly signal: AbortSignal;
}

/** Returns how many are left when there are no more events. */
async function show(events: AsyncIterable<LiveEvent>, { output, left, signal }: Shown) {
  let remaining = left;
  for await (const event of events) {
    if (event.kind === 'dropped') {
      sayDropped(event.dropped);
      continue;
    }
    await output.write(event.request, signal);
    remaining--;
    if (remaining === 0 || signal.aborted) break;
  }
  return remaining;
}

type Connected = Result<AsyncIterable<LiveEvent>, string>;

async function reconnect(connect: () => Promise<Connected>, signal: AbortSignal) {
  const end = systemClock.now() + longestAbsenceMs;
  for (;;) {
    await pause(retryIntervalMs, signal);
    const events = await connect();
    if (events.ok || signal.aborted || systemClock.now() > end) return events;
  }
}

function sayDropped({ byLimit, bySlowReader }: DroppedRequests): void {
  if (byLimit > 0) {
    say(`${byLimit} requests are left out: more than ${streamedPerSecond} ended in a second`);
  }
  if (bySlowReader > 0) say(`${bySlowReader} requests are left out: they were read too slowly`);
}
