/** What clients ask for: the mix, and of each request all that its answer must have. */

import type { Side } from './rules.ts';

export type RequestKind = 'small' | 'post' | 'page' | 'large' | 'upload' | 'failing' | 'passing';

export interface SoakRequest {
  readonly id: number;
  readonly kind: RequestKind;
  readonly side: Side;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Of the request, bytes. */
  readonly bodyLength: number;
  /** Of the answer, bytes. */
  readonly answerLength: number;
  /** When its client leaves; null: it stays. */
  readonly abort: AbortMoment | null;
  /** The newest generation that an answer had shown before this was sent. */
  readonly sinceGeneration: number;
}

/** Leaves when the request is sent, when the answer begins, or in the middle of the answer. */
export type AbortMoment = 'sent' | 'head' | 'body';

interface KindShape {
  /** Of 1000. */
  readonly weight: number;
  readonly bodyLength: number;
  readonly answerLength: number;
}

/** Uploads are small enough to be kept for a retry. */
const shapes: Readonly<Record<RequestKind, KindShape>> = {
  small: { weight: 660, bodyLength: 0, answerLength: 64 },
  post: { weight: 200, bodyLength: 1024, answerLength: 1024 },
  page: { weight: 115, bodyLength: 0, answerLength: 32 * 1024 },
  large: { weight: 5, bodyLength: 0, answerLength: 1024 * 1024 },
  upload: { weight: 5, bodyLength: 256 * 1024, answerLength: 64 },
  failing: { weight: 5, bodyLength: 0, answerLength: 64 },
  passing: { weight: 10, bodyLength: 0, answerLength: 64 },
};

const kinds = Object.keys(shapes) as RequestKind[];

/** The kind of each of 1000 requests, in an order in which kinds alternate. */
const thousand = interleaved();

const abortMoments: readonly AbortMoment[] = ['sent', 'head', 'body'];

/** Of a hundred clients one leaves. */
const abortEvery = 100;

export function createRequest(
  id: number,
  { sinceGeneration, aborts }: { readonly sinceGeneration: number; readonly aborts: boolean },
): SoakRequest {
  const kind = thousand[id % thousand.length] ?? 'small';
  const { bodyLength, answerLength } = shapes[kind];
  const side = (id >> 1) % 2 === 0 ? 'a' : 'b';
  const place = kind === 'failing' || kind === 'passing' ? kind : side;
  const leaves = aborts && Math.imul(id, 0x9e3779b1) >>> 0 < 2 ** 32 / abortEvery;
  return {
    ...{ id, kind, side, bodyLength, answerLength, sinceGeneration },
    method: bodyLength > 0 ? 'POST' : 'GET',
    path: `/${place}/${kind}/${id}`,
    abort: leaves ? (abortMoments[id % abortMoments.length] ?? 'sent') : null,
  };
}

/** What an endpoint makes of a path; null: no request of the load. */
export function readPath(path: string): { kind: RequestKind; id: number } | null {
  const [, , kind = '', id = ''] = path.split('/');
  return kind in shapes ? { kind: kind as RequestKind, id: Number(id) } : null;
}

export function answerLengthOf(kind: RequestKind): number {
  return shapes[kind].answerLength;
}

function interleaved(): RequestKind[] {
  const sorted = kinds.flatMap((kind) => new Array<RequestKind>(shapes[kind].weight).fill(kind));
  // 389 and 1000 have no common divisor: every place is met once.
  return sorted.map((_, index) => sorted[(index * 389) % sorted.length] ?? 'small');
}
