/**
 * Load at a constant rate, whatever the answers do. Waits count from the moment at which a request
 * was due, so that a stalled proxy (or a late client) shows in every request that it delayed.
 */

import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface OpenLoop {
  readonly port: number;
  readonly authority: string;
  readonly requestsPerSecond: number;
  readonly seconds: number;
  /** A request without an answer for so long is given up as failed, milliseconds. */
  readonly giveUpMs: number;
}

export interface Answer {
  /** When the request was due, milliseconds since the start of the load. */
  readonly dueMs: number;
  /** How much later it was sent: this process had to wait for the machine. */
  readonly lateMs: number;
  /** From the due moment to the last byte of the answer, or to the error. */
  readonly waitMs: number;
  /** 0: the connection failed or the answer was cut. */
  readonly status: number;
}

/** Answers in the order in which the requests were due. */
export async function openLoop(load: OpenLoop): Promise<readonly Answer[]> {
  // As many connections as there are requests under way: none waits for another in the client.
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
  const total = Math.round(load.requestsPerSecond * load.seconds);
  const pending: Promise<Answer>[] = [];
  const start = performance.now();
  while (pending.length < total) {
    const elapsedMs = performance.now() - start;
    const due = Math.floor((elapsedMs / 1000) * load.requestsPerSecond) + 1;
    while (pending.length < Math.min(due, total)) {
      const dueMs = (pending.length / load.requestsPerSecond) * 1000;
      pending.push(send(load, { agent, start, dueMs }));
    }
    await pause(1);
  }
  try {
    return await Promise.all(pending);
  } finally {
    agent.destroy();
  }
}

interface Turn {
  readonly agent: Agent;
  readonly start: number;
  readonly dueMs: number;
}

function send(load: OpenLoop, { agent, start, dueMs }: Turn): Promise<Answer> {
  const lateMs = performance.now() - start - dueMs;
  return new Promise((resolve) => {
    const end = (status: number) => {
      clearTimeout(giveUp);
      resolve({ dueMs, lateMs, waitMs: performance.now() - start - dueMs, status });
    };
    const outgoing = request({
      host: '127.0.0.1',
      port: load.port,
      path: '/orders/4711',
      headers: { host: load.authority },
      agent,
    });
    const giveUp = setTimeout(() => outgoing.destroy(new Error('given up')), load.giveUpMs);
    outgoing.once('error', () => end(0));
    outgoing.once('response', (response: IncomingMessage) => {
      response.once('error', () => end(0));
      response.once('end', () => end(response.statusCode ?? 0));
      response.resume();
    });
    outgoing.end();
  });
}
