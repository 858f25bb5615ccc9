/**
 * The whole terminal, for a command that draws on it again and again: the alternate screen, keys as
 * they are pressed, and everything as it was before at any end of the process.
 */

import type { ReadStream, WriteStream } from 'node:tty';

export interface ScreenEvents {
  /** A character, or the escape sequence of a special key. */
  onKey(key: string): void;
  /** The terminal has another size, or the process was stopped and goes on. */
  onResize(): void;
}

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';
/** Ctrl-Z, which raw mode hands over in place of stopping the process. */
const stopKey = '\u001a';

export class Screen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: ScreenEvents;
  #isOpen = false;

  constructor(input: ReadStream, output: WriteStream, events: ScreenEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
  }

  get columns(): number {
    return this.#output.columns;
  }

  get rows(): number {
    return this.#output.rows;
  }

  open(): void {
    this.#take();
    this.#input.setEncoding('utf8').on('data', this.#onData).resume();
    this.#output.on('resize', this.#events.onResize);
    process.on('SIGCONT', this.#onContinue);
    // The last word, whatever ends the process but SIGKILL.
    process.on('exit', this.#giveBack);
  }

  /** At most as many lines as there are rows; none may be wider than the terminal. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const shown = lines.slice(0, this.rows).join(`${clearLine}\r\n`);
    // One write, so that no half of it is ever seen.
    this.#output.write(`${home}${shown}${clearLine}${clearBelow}`);
  }

  close(): void {
    this.#giveBack();
    this.#input.off('data', this.#onData).pause();
    this.#output.off('resize', this.#events.onResize);
    process.off('SIGCONT', this.#onContinue);
    process.off('exit', this.#giveBack);
  }

  /** Several keys may come at once; an escape sequence comes by itself. */
  readonly #onData = (text: string): void => {
    const keys = text.startsWith('\u001b') ? [text] : text;
    for (const key of keys) {
      if (key === stopKey) this.#stop();
      else this.#events.onKey(key);
    }
  };

  /** The whole job, as the terminal does it: npm may wait for this process. */
  #stop(): void {
    this.#giveBack();
    process.kill(0, 'SIGTSTP');
  }

  readonly #onContinue = (): void => {
    this.#take();
    this.#events.onResize();
  };

  #take(): void {
    this.#input.setRawMode(true);
    this.#output.write(enter);
    this.#isOpen = true;
  }

  readonly #giveBack = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.write(leave);
    this.#input.setRawMode(false);
  };
}
