/**
 * Coarse timers for the request path: arming and disarming link and unlink an object that exists
 * already, without closures, allocation or system timers. A hierarchical wheel (Varghese and Lauck,
 * 1987): slots of level 0 hold one tick each, those of every higher level 64 times as many, and
 * entries move down as their time comes near.
 */

import type { Clock } from './clock.ts';
import type { Timer, Timers } from './timers.ts';

/** Something that can time out. It is in at most one wheel at a time. */
export abstract class TimerEntry {
  /** The wheel's own fields: neighbours in a slot, null while disarmed. */
  next: TimerEntry | null = null;
  previous: TimerEntry | null = null;
  /** The tick at which the entry is due. */
  dueTick = 0;

  get armed(): boolean {
    return this.next !== null;
  }

  /** Called once for each arming that is not disarmed first; it may arm again. */
  abstract onTimeout(): void;
}

/** Who has one timer, for whatever it waits for at the time. */
export interface TimerOwner {
  onTimer(): void;
}

/** The entry of an owner that cannot be one itself. */
export class OwnedTimer extends TimerEntry {
  readonly #owner: TimerOwner;

  constructor(owner: TimerOwner) {
    super();
    this.#owner = owner;
  }

  onTimeout(): void {
    this.#owner.onTimer();
  }
}

/** Head of the circular list of a slot. */
class Slot extends TimerEntry {
  constructor() {
    super();
    this.next = this;
    this.previous = this;
  }

  onTimeout(): void {}
}

const slotsPerLevel = 64;
const slotMask = slotsPerLevel - 1;
/** Ticks for each slot of a level. With ticks of 10 ms the wheel spans 46 hours. */
const slotTicks = [1, 64, 4_096, 262_144] as const;
const topLevel = slotTicks.length - 1;
const spanTicks = ticksOf(topLevel) * slotsPerLevel;

export class TimerWheel {
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #resolutionMs: number;
  readonly #slots: readonly Slot[];
  readonly #onWake = (): void => this.#wake();

  /** Everything due at this tick or before it has fired. */
  #tick = 0;
  #size = 0;
  #timer: Timer | null = null;
  #wakeTick = 0;

  /** Entries fire up to `resolutionMs` late, plus the lateness of the system, and never early. */
  constructor(timers: Timers, clock: Clock, resolutionMs = 10) {
    this.#timers = timers;
    this.#clock = clock;
    this.#resolutionMs = resolutionMs;
    this.#slots = Array.from({ length: slotTicks.length * slotsPerLevel }, () => new Slot());
  }

  /** How many entries are armed. */
  get size(): number {
    return this.#size;
  }

  /**
   * `onTimeout` is called `ms` milliseconds from now, in place of any earlier arming. A caller that
   * has read the clock already hands its `now` in.
   */
  arm(entry: TimerEntry, ms: number, now = this.#clock.now()): void {
    if (entry.next !== null) this.#unlink(entry);
    if (this.#size === 0) this.#tick = Math.floor(now / this.#resolutionMs);
    entry.dueTick = Math.max(Math.ceil((now + ms) / this.#resolutionMs), this.#tick + 1);
    this.#link(entry);
    if (this.#timer === null || entry.dueTick < this.#wakeTick) {
      this.#wakeAt(entry.dueTick, now);
    }
  }

  /** Does nothing for an entry that is not armed. */
  disarm(entry: TimerEntry): void {
    // The system timer stays: it is cheaper to find nothing due than to set it for each request.
    if (entry.next !== null) this.#unlink(entry);
  }

  #link(entry: TimerEntry): void {
    // Entries beyond the span wait in the last slot, and are looked at again from there.
    const distance = Math.min(entry.dueTick - this.#tick, spanTicks - 1);
    let level = 0;
    while (level < topLevel && distance >= ticksOf(level + 1)) level++;
    // Ticks outgrow 32 bits after 497 days, so they are divided and not shifted.
    const turn = Math.floor((this.#tick + distance) / ticksOf(level));
    const slot = this.#slotAt(level, turn);
    const last = slot.previous as TimerEntry;
    entry.previous = last;
    entry.next = slot;
    last.next = entry;
    slot.previous = entry;
    this.#size++;
  }

  #unlink(entry: TimerEntry): void {
    const next = entry.next as TimerEntry;
    const previous = entry.previous as TimerEntry;
    previous.next = next;
    next.previous = previous;
    entry.next = null;
    entry.previous = null;
    this.#size--;
  }

  #wake(): void {
    this.#timer = null;
    try {
      this.#advance(Math.floor(this.#clock.now() / this.#resolutionMs));
    } finally {
      // Also when an entry threw: the others must not wait for ever.
      if (this.#size > 0) this.#wakeAt(this.#nextEventTick(), this.#clock.now());
    }
  }

  #advance(untilTick: number): void {
    while (this.#size > 0) {
      const tick = this.#nextEventTick();
      if (tick > untilTick) break;
      this.#tick = tick;
      for (let level = topLevel; level > 0; level--) {
        if (tick % ticksOf(level) === 0) this.#moveDown(level, tick / ticksOf(level));
      }
      this.#fire(this.#slotAt(0, tick));
    }
    if (untilTick > this.#tick) this.#tick = untilTick;
  }

  /** The next tick that has something due or to be moved down. */
  #nextEventTick(): number {
    let first = Number.POSITIVE_INFINITY;
    for (let level = 0; level <= topLevel; level++) {
      const ticks = ticksOf(level);
      const current = Math.floor(this.#tick / ticks);
      // The slot of this tick holds what an entry that threw left behind.
      const from = level === 0 ? current : current + 1;
      for (let turn = from; turn < from + slotsPerLevel; turn++) {
        const slot = this.#slotAt(level, turn);
        if (slot.next === slot) continue;
        first = Math.min(first, turn * ticks);
        break;
      }
    }
    return first;
  }

  #moveDown(level: number, turn: number): void {
    const slot = this.#slotAt(level, turn);
    for (let entry = slot.next; entry !== slot && entry !== null; entry = slot.next) {
      this.#unlink(entry);
      this.#link(entry);
    }
  }

  #fire(slot: Slot): void {
    for (let entry = slot.next; entry !== slot && entry !== null; entry = slot.next) {
      this.#unlink(entry);
      entry.onTimeout();
    }
  }

  #wakeAt(tick: number, now: number): void {
    this.#timer?.cancel();
    this.#wakeTick = tick;
    this.#timer = this.#timers.set(
      Math.max(1, Math.ceil(tick * this.#resolutionMs - now)),
      this.#onWake,
    );
  }

  #slotAt(level: number, turn: number): Slot {
    return this.#slots[level * slotsPerLevel + (turn & slotMask)] as Slot;
  }
}

function ticksOf(level: number): number {
  return slotTicks[level] as number;
}
