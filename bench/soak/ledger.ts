/** Judges every answer: it must be that of its request, whole, and by the rules of its generation. */

import { isPieceOf } from './bodies.ts';
import type { SoakRequest } from './requests.ts';
import { firstVersionShare, steady, workloadOf } from './rules.ts';

/** What the head of an answer says. */
export interface AnswerHead {
  readonly status: number;
  readonly id: string;
  readonly endpoint: string;
  readonly generation: string;
  /** What the endpoint thinks of the body that it was sent. */
  readonly body: string;
  /** The begin of the body where it came with the head: the proxy says there what went wrong. */
  readonly text: string;
}

/** Names of what must not happen. */
export type FaultName =
  | 'wrong id'
  | 'wrong body'
  | 'wrong endpoint'
  | 'wrong generation'
  | 'unscripted 5xx'
  | 'wrong status'
  | 'no whole answer'
  | 'upload changed'
  | 'WebSocket failed';

/** Texts kept to explain faults of one name; all are counted. */
const keptFaults = 8;

export class Ledger {
  /** Requests whose answers endpoints have cut off. */
  readonly cut = new Set<number>();
  readonly faults = new Map<FaultName, number>();
  readonly examples: string[] = [];
  sent = 0;
  answered = 0;
  aborted = 0;
  scriptedFailures = 0;
  cutOff = 0;
  /** The newest generation written to the files, and the newest that an answer has shown. */
  written = 0;
  shown = 0;
  /** Answers by the version that the rules prefer in their generation, and by the other. */
  preferred = 0;
  others = 0;

  fault(name: FaultName, text: string): void {
    const count = (this.faults.get(name) ?? 0) + 1;
    this.faults.set(name, count);
    if (count <= keptFaults) {
      this.examples.push(`${new Date().toISOString()} ${name}: ${text}`);
    }
  }

  /** False: it is wrong, and has been counted so. */
  judgeHead(request: SoakRequest, head: AnswerHead): boolean {
    const { status } = head;
    if (status !== (request.kind === 'failing' ? 500 : 200)) {
      return this.#wrong(status >= 500 ? 'unscripted 5xx' : 'wrong status', request, head);
    }
    if (head.id !== String(request.id)) return this.#wrong('wrong id', request, head);
    if (head.body !== 'right') return this.#wrong('upload changed', request, head);
    return this.#judgeRules(request, head);
  }

  /** False: it is wrong, and has been counted so. */
  judgePiece(request: SoakRequest, piece: Uint8Array, offset: number): boolean {
    const isRight =
      offset + piece.length <= request.answerLength && isPieceOf(request.id, piece, offset);
    if (!isRight) this.fault('wrong body', `${request.path} at ${offset}`);
    return isRight;
  }

  /** The whole answer came and was right. */
  whole(request: SoakRequest): void {
    this.answered++;
    if (request.kind === 'failing') this.scriptedFailures++;
  }

  /** The connection or stream ended before the whole answer had come. */
  broken(request: SoakRequest, why: string): void {
    if (this.cut.has(request.id)) {
      this.cutOff++;
      return;
    }
    this.fault('no whole answer', `${request.path}: ${why}`);
  }

  /**
   * A configuration is published at one moment: what was sent after somebody had seen it must go
   * by it or a later one.
   */
  #judgeRules(request: SoakRequest, head: AnswerHead): boolean {
    const generation = head.generation === '' ? -1 : Number(head.generation);
    if (!(generation >= request.sinceGeneration && generation <= this.written)) {
      return this.#wrong('wrong generation', request, head);
    }
    if (generation > this.shown) this.shown = generation;
    if (request.kind === 'failing' || request.kind === 'passing') {
      return head.endpoint.startsWith(steady) || this.#wrong('wrong endpoint', request, head);
    }
    const [workload, version] = head.endpoint.split('-');
    if (workload !== workloadOf(request.side, generation)) {
      return this.#wrong('wrong endpoint', request, head);
    }
    const isFirst = version === 'v1';
    if (isFirst === firstVersionShare(generation) > 50) this.preferred++;
    else this.others++;
    return true;
  }

  #wrong(name: FaultName, request: SoakRequest, head: AnswerHead): false {
    const generations = `sent with ${request.sinceGeneration}, written ${this.written}`;
    this.fault(name, `${request.path} got ${JSON.stringify(head)}, ${generations}`);
    return false;
  }
}
