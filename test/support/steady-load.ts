/** Clients that go on while something happens to a proxy: some connect anew each time, some stay. */

import { setTimeout as wait } from 'node:timers/promises';
import type { Test } from 'tap';
import { headerValue } from './http-reader.ts';
import { getRequest, RawConnection } from './raw-client.ts';

/** Between two requests of a client, milliseconds. */
const paceMs = 2;
const freshClients = 4;
const stayingClients = 12;

export interface LoadOutcome {
  /** Connections with one request each. */
  readonly fresh: number;
  /** Requests on connections that stay. */
  readonly staying: number;
  /** Connections that stayed until a response said that it was the last. */
  readonly toldToClose: number;
  /** What went wrong, each. */
  readonly failures: readonly string[];
}

export class SteadyLoad {
  readonly #port: number;
  readonly #clients: Promise<void>[] = [];
  readonly #failures: string[] = [];
  #fresh = 0;
  #staying = 0;
  #toldToClose = 0;
  #ends = false;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Until `stop`, or the end of the test, which a load that goes on would not let come. */
  static start(t: Test, port: number): SteadyLoad {
    const load = new SteadyLoad(port);
    t.teardown(() => load.stop());
    for (let client = 0; client < freshClients; client++) load.#clients.push(load.#connectAnew());
    for (let client = 0; client < stayingClients; client++) load.#clients.push(load.#stay());
    return load;
  }

  /** Requests answered so far. */
  get answered(): number {
    return this.#fresh + this.#staying;
  }

  /** The first of what has gone wrong; null: nothing. */
  get failure(): string | null {
    return this.#failures[0] ?? null;
  }

  async stop(): Promise<LoadOutcome> {
    this.#ends = true;
    await Promise.all(this.#clients);
    return {
      fresh: this.#fresh,
      staying: this.#staying,
      toldToClose: this.#toldToClose,
      failures: this.#failures,
    };
  }

  async #connectAnew(): Promise<void> {
    while (!this.#ends) {
      await this.#noting('a new connection', async () => {
        const connection = await RawConnection.connect({ port: this.#port });
        await ask(connection);
        this.#fresh++;
        connection.destroy();
      });
      await wait(paceMs);
    }
  }

  async #stay(): Promise<void> {
    while (!this.#ends) {
      await this.#noting('a kept connection', async () => {
        const connection = await RawConnection.connect({ port: this.#port });
        let isLast = false;
        while (!isLast && !this.#ends) {
          isLast = await ask(connection);
          this.#staying++;
          await wait(paceMs);
        }
        if (isLast) this.#toldToClose++;
        connection.destroy();
      });
    }
  }

  async #noting(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failures.push(`${what}: ${(error as Error).message}`);
      await wait(paceMs);
    }
  }
}

/** Whether it was the last response of the connection. */
async function ask(connection: RawConnection): Promise<boolean> {
  connection.write(getRequest('/', 'a'));
  const { status, headers, truncated } = await connection.readResponse();
  if (status !== 200 || truncated) throw new Error(`status ${status}, truncated: ${truncated}`);
  return headerValue(headers, 'connection') === 'close';
}
