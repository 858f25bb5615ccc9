/**
 * Stands in for a worker process. What it is asked it notes, and tells as the listeners that it
 * could not open. Secrets of a configuration are its script: `refuse` and `die` name what happens
 * in a worker of that number.
 */

import type { FromWorker, ToWorker, WorkerConfig } from '../../../src/runtime/workers/messages.ts';

let number = 0;
const asked: string[] = [];

function send(message: FromWorker): void {
  process.send?.(message);
}

process.on('message', (message: ToWorker) => {
  if (message.kind === 'start') {
    number = message.start.number;
    send({ kind: 'started', problem: null });
    return;
  }
  if (message.kind !== 'question') return;
  const { id, question, content } = message;
  asked.push(question);
  if (question === 'prepare') {
    const { refused } = content as WorkerConfig;
    if (refused.includes(`die ${number}`)) process.exit(3);
    if (refused.includes(`refuse ${number}`)) {
      send({ kind: 'refusal', id, message: `worker ${number} cannot` });
      return;
    }
  }
  const answer = question === 'publish' ? [] : question === 'recent' ? [...asked] : null;
  send({ kind: 'answer', id, content: answer });
  if (question === 'stop') process.disconnect?.();
});
process.on('disconnect', () => process.exit());
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
