/** What became of a request of the client that behaves. */

/** It takes them in turn. */
export const ways = ['HTTP/1.1 kept', 'HTTP/1.1 new', 'HTTP/2 kept', 'HTTP/2 new'] as const;
export type Way = (typeof ways)[number];

export interface Answer {
  readonly way: Way;
  /** From when it was due to the last byte of the answer, or to the error. */
  readonly waitMs: number;
  /** How much later than due it was sent: the client had to wait for the machine. */
  readonly lateMs: number;
  /** `200` with the right body, another status, or an error. */
  readonly outcome: string;
}

export const goodOutcome = '200';

export function isGood({ outcome }: Answer): boolean {
  return outcome === goodOutcome;
}
