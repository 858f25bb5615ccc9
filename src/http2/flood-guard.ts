/**
 * Notices peers that keep this side busy with frames that cost them nothing. Methods that check
 * count one more, and return what there is too much of, or null.
 */

import type { Http2Limits } from './http2-limits.ts';
import type { FloodKind } from './session-errors.ts';

export class FloodGuard {
  readonly #limits: Http2Limits;
  /** Streams that were opened, by either side. */
  #opened = 0;
  #emptyInRow = 0;
  #ignored = 0;
  #windowUpdates = 0;
  /** Streams that have ended, and those of them that were reset early. */
  #ended = 0;
  #prematureResets = 0;

  constructor(limits: Http2Limits) {
    this.#limits = limits;
  }

  countOpened(): void {
    this.#opened++;
  }

  /** A further frame of a header block. */
  checkContinuation(count: number): FloodKind | null {
    return count > this.#limits.continuationFrames ? 'continuations' : null;
  }

  /** A frame of DATA or of a header block. */
  checkPayload(bytes: number, endsStream: boolean): FloodKind | null {
    if (bytes > 0 || endsStream) {
      this.#emptyInRow = 0;
      return null;
    }
    return ++this.#emptyInRow > this.#limits.emptyFrames ? 'empty-frames' : null;
  }

  /** A frame that means nothing here. */
  checkIgnored(): FloodKind | null {
    const most = this.#limits.ignoredFramesPerStream * (1 + this.#opened);
    return ++this.#ignored > most ? 'ignored-frames' : null;
  }

  /** With the count of DATA frames that were sent. */
  checkWindowUpdate(dataFrames: number): FloodKind | null {
    const perFrame = this.#limits.windowUpdatesPerDataFrame * dataFrames;
    // Envoy's formula: some at the beginning, and for every stream at its beginning and end.
    const most = 5 + 2 * (this.#opened + perFrame);
    return ++this.#windowUpdates > most ? 'window-updates' : null;
  }

  /** Frames that have to be answered, while the answers are not read. */
  checkQueued(controlFrames: number): FloodKind | null {
    return controlFrames > this.#limits.queuedControlFrames ? 'queued-answers' : null;
  }

  /** Frames and bytes of any kind that are not read. */
  checkOutput(frames: number, bytes: number): FloodKind | null {
    const { queuedFrames, queuedBytes } = this.#limits;
    return frames > queuedFrames || bytes > queuedBytes ? 'queued-frames' : null;
  }

  countEnded(): void {
    this.#ended++;
  }

  /** The peer has ended a stream, or has made this side end it, `ageMs` after it began. */
  checkReset(ageMs: number): FloodKind | null {
    if (ageMs >= this.#limits.prematureResetMs) return null;
    this.#prematureResets++;
    // As many as cannot be made up for by all others that are looked at.
    const streams = Math.max(this.#ended, this.#limits.prematureResets);
    return this.#prematureResets * 2 >= streams ? 'early-resets' : null;
  }
}
