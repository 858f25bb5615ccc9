/** Starts the client that behaves before everybody else on its core, and asks it for load. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { canPin } from '../support/pinned-process.ts';
import type { Answer } from './answer.ts';
import type { Order } from './good-load.ts';
import { beforeOthers } from './priority.ts';
import { clientCore } from './setup.ts';

const script = join(import.meta.dirname, 'good-client-process.ts');
/** Collections are asked for between measurements, and small ones are few. */
const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

export class GoodClient {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const pinned = canPin ? ['taskset', '-c', String(clientCore)] : [];
    const command = [...pinned, ...beforeOthers.prefix, process.execPath, ...flags, script];
    const [program = '', ...args] = command;
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async run(order: Order): Promise<readonly Answer[]> {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('the client that behaves has ended');
    return JSON.parse(value) as Answer[];
  }

  /** It ends with its orders. */
  stop(): void {
    this.#process.stdin.end();
  }
}
