/** The judges of the soak see what is wrong: without that its silence would say nothing. */

import t from 'tap';
import { bodyOf } from '../../bench/soak/bodies.ts';
import { judgeMemory } from '../../bench/soak/judge.ts';
import { type AnswerHead, Ledger } from '../../bench/soak/ledger.ts';
import { createRequest, type SoakRequest } from '../../bench/soak/requests.ts';
import type { SoakOutcome } from '../../bench/soak/soak.ts';

const mib = 1024 * 1024;

/** The first of this kind from an id on. */
function requestOf(kind: SoakRequest['kind'], sinceGeneration = 0): SoakRequest {
  for (let id = 0; id < 2000; id++) {
    const request = createRequest(id, { sinceGeneration, aborts: false });
    if (request.kind === kind) return request;
  }
  throw new Error(`the mix has no ${kind}`);
}

function rightAnswer({ id, side }: SoakRequest): AnswerHead {
  const endpoint = side === 'a' ? 'red-v1-0' : 'blue-v1-0';
  return { status: 200, id: String(id), endpoint, generation: '0', body: 'right', text: '' };
}

t.test('an answer that is wrong in one thing', async (t) => {
  const request = requestOf('small');
  const right = rightAnswer(request);
  const other = request.side === 'a' ? 'blue-v1-0' : 'red-v1-0';
  for (const [change, fault] of [
    [{}, null],
    [{ id: String(request.id + 1) }, 'wrong id'],
    [{ status: 503, id: '' }, 'unscripted 5xx'],
    [{ status: 404 }, 'wrong status'],
    [{ body: 'wrong' }, 'upload changed'],
    [{ endpoint: other }, 'wrong endpoint'],
    [{ generation: '' }, 'wrong generation'],
    [{ generation: '7' }, 'wrong generation'],
  ] as const) {
    const ledger = new Ledger();
    t.equal(ledger.judgeHead(request, { ...right, ...change }), fault === null);
    t.same([...ledger.faults.keys()], fault === null ? [] : [fault]);
  }
});

t.test('an answer by rules that had been replaced before it was asked for', async (t) => {
  const ledger = new Ledger();
  ledger.written = 5;
  const late = requestOf('small', 4);
  t.equal(ledger.judgeHead(late, { ...rightAnswer(late), generation: '2' }), false);
  const early = requestOf('small', 2);
  t.equal(ledger.judgeHead(early, { ...rightAnswer(early), generation: '2' }), true);
  t.equal(ledger.faults.get('wrong generation'), 1);
});

t.test('a body with one wrong byte, one that is too long, and one that breaks off', async (t) => {
  const ledger = new Ledger();
  const page = requestOf('page');
  const body = Buffer.from(bodyOf(page.id, page.answerLength));
  t.equal(ledger.judgePiece(page, body.subarray(0, 1000), 0), true);
  t.equal(ledger.judgePiece(page, body.subarray(1000), 1000), true);
  t.equal(ledger.judgePiece(page, Buffer.from('x'), page.answerLength), false);
  body[20_000] = (body[20_000] ?? 0) ^ 1;
  t.equal(ledger.judgePiece(page, body.subarray(1000), 1000), false);
  t.equal(ledger.faults.get('wrong body'), 2);
  ledger.broken(page, 'closed');
  t.equal(ledger.faults.get('no whole answer'), 1);
  ledger.cut.add(page.id);
  ledger.broken(page, 'closed');
  t.equal(ledger.faults.get('no whole answer'), 1, 'its endpoint was told to');
  t.equal(ledger.cutOff, 1);
});

t.test('memory that grows, and memory that has grown', async (t) => {
  const judged = (heaps: readonly number[]): boolean => {
    const samples = heaps.map((heap) => ({ heap: heap * mib, external: mib, resident: 90 * mib }));
    return judgeMemory({ samples } as unknown as SoakOutcome).every(({ ok }) => ok);
  };
  t.ok(judged([10, 15, 19, 20, 21, 20, 20.5, 20, 21]), 'it warms up and stays');
  t.notOk(judged([20, 21, 22, 23, 24, 25, 26, 27, 28]), 'it does not stop');
  t.notOk(judged([20, 20]), 'too few samples say nothing');
});
