/**
 * The process of a worker: serves what the primary tells it to, and ends with it. See
 * `worker-handle.ts` for the other side.
 */

import { assert } from '../../base/assert.ts';
import { lowerBackgroundThreads } from '../../base/background-threads.ts';
import { setStartingHeapFlags } from '../../base/heap-flags.ts';
import { systemTimers } from '../../base/timers.ts';
import { growYoungGenerationWhenBusy } from '../../base/young-generation.ts';
import type { ListeningHandle } from '../../transport/listening-handle.ts';
import type { HeldSocket } from '../takeover/takeover-protocol.ts';
import type { FromWorker, Questions, ToWorker, WorkerStart } from './messages.ts';
import type { ServingWorker } from './serving-worker.ts';

type Question = Extract<ToWorker, { kind: 'question' }>;

async function serve(start: WorkerStart): Promise<void> {
  const { ServingWorker } = await import('./serving-worker.ts');
  const started = await ServingWorker.start(start, (notice) => send({ kind: 'notice', notice }));
  if (!started.ok) {
    send({ kind: 'started', problem: started.error });
    return;
  }
  const worker = started.value;
  process.on('message', (message: ToWorker, handle: unknown) => {
    if (message.kind === 'order') worker.heed(message.order);
    else if (message.kind === 'socket') {
      worker.inherit({ ...message.socket, handle: handle as ListeningHandle });
    } else if (message.kind === 'question') void reply(worker, message);
  });
  lowerBackgroundThreads();
  growYoungGenerationWhenBusy(systemTimers);
  send({ kind: 'started', problem: null });
}

async function reply(worker: ServingWorker, asked: Question): Promise<void> {
  const { id, question } = asked;
  try {
    const content = await answer(worker, asked);
    send({ kind: 'answer', id, content }, () => {
      if (question === 'stop') process.exit();
    });
  } catch (error) {
    send({ kind: 'refusal', id, message: (error as Error).message });
  }
}

function answer(worker: ServingWorker, { question, content }: Question): unknown {
  switch (question) {
    case 'prepare':
      return worker.prepare(content as Questions['prepare'][0]);
    case 'publish':
      return worker.publish();
    case 'discard':
      return worker.discard();
    case 'report':
      return worker.report();
    case 'recent':
      return worker.recent();
    case 'reopen-logs':
      return worker.reopenLogs();
    case 'reset-counters':
      return worker.resetCounters();
    case 'lend-sockets':
      for (const socket of worker.sockets()) lend(socket);
      return null;
    case 'stop':
      return worker.stop(content as Questions['stop'][0]);
  }
}

function lend({ handle, ...socket }: HeldSocket): void {
  // The types of Node do not know that it may be one.
  process.send?.({ kind: 'socket', socket } satisfies FromWorker, handle as never);
}

function send(message: FromWorker, then?: () => void): void {
  process.send?.(message, undefined, undefined, (error: Error | null) => {
    // Nobody is left to read it: the primary has ended, which is the end of this process, too.
    if (error !== null) process.exit();
    then?.();
  });
}

assert(process.send !== undefined, 'runs as a child of the primary only');
// Signals to the group are the primary's business.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) {
  process.on(signal, () => undefined);
}
process.on('disconnect', () => process.exit());
setStartingHeapFlags();
process.once('message', (message: ToWorker) => {
  if (message.kind === 'start') void serve(message.start);
});
