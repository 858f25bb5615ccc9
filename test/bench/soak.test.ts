/** The judges of the soak see what is wrong: without that its silence would say nothing. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { bodyOf } from '../../bench/soak/bodies.ts';
import { judgeMemory } from '../../bench/soak/judge-memory.ts';
import { type AnswerHead, Ledger } from '../../bench/soak/ledger.ts';
import { bytesInUse, openMalloc } from '../../bench/soak/malloc.ts';
import { createRequest, type SoakRequest } from '../../bench/soak/requests.ts';
import { Standstills } from '../../bench/soak/standstills.ts';
import { trendOf } from '../../bench/soak/trend.ts';

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

/** One each 20 s, in which everything else stays as it is. */
function samplesOf(name: 'heap' | 'external' | 'malloc' | 'resident', values: readonly number[]) {
  return values.map((value, index) => ({
    ...{ at: 20 * index, heap: 20 * mib, external: mib, malloc: 9 * mib, resident: 90 * mib },
    ...{
      residentBefore: 150 * mib,
      sockets: 300,
      tookMs: 100,
      standstills: [],
      [name]: value * mib,
    },
  }));
}

t.test('memory that grows, and memory that has grown', async (t) => {
  const judged = (heaps: readonly number[]): boolean =>
    judgeMemory(samplesOf('heap', heaps)).every(({ ok }) => ok);
  t.ok(judged([10, 15, 19, 20, 21, 20, 20.5, 20, 20.2]), 'it warms up and stays');
  t.ok(judged([30, 28, 26, 24, 22, 20, 19, 18, 17]), 'it shrinks');
  t.notOk(judged([20, 21, 22, 23, 24, 25, 26, 27, 28]), 'it does not stop');
  t.notOk(judged([20, 20, 20, 20, 10, 30, 10, 30, 20]), 'too unsteady to be told from growth');
  t.notOk(judged([20, 20]), 'too few samples say nothing');
});

t.test('memory of a moment with many connections is not compared', async (t) => {
  const samples = samplesOf('heap', [20, 20, 20, 20, 20, 20, 20, 20, 40]);
  t.notOk(judgeMemory(samples)[0]?.ok);
  const crowded = samples.map((sample, index) =>
    index < 8 ? sample : { ...sample, sockets: 3000 },
  );
  t.ok(judgeMemory(crowded)[0]?.ok);
});

t.test('each kind of memory is judged', async (t) => {
  for (const name of ['heap', 'external', 'malloc', 'resident'] as const) {
    const growing = samplesOf(name, [60, 65, 70, 75, 80, 85, 90, 95, 100]);
    const failed = judgeMemory(growing).filter(({ ok }) => !ok);
    t.equal(failed.length, 1, name);
  }
  const untold = samplesOf('heap', [20, 20, 20, 20, 20, 20]).map((sample) => ({
    ...sample,
    malloc: null,
  }));
  t.equal(judgeMemory(untold).length, 3, 'where the allocator does not tell it is not judged');
});

t.test('the line of the least squares', async (t) => {
  const points = (values: readonly number[]) => values.map((value, at) => ({ at, value }));
  t.match(trendOf(points([1, 3, 5, 7])), { growth: 6, error: 0 }, 'a line has no error');
  // By hand: slope 0.5, squares of the rest 1.5, of the distances 5.
  const trend = trendOf(points([1, 3, 2, 3]));
  t.ok(Math.abs((trend?.growth ?? 0) - 1.5) < 1e-9, 'growth');
  t.ok(Math.abs((trend?.error ?? 0) - 2.324) < 0.001, 'error');
  t.equal(trendOf(points([1, 3])), null, 'two points are always on a line');
});

t.test('what the allocator has given out', async (t) => {
  const report = [
    '<malloc version="1"><heap nr="0">',
    '<total type="fast" count="9" size="111"/><total type="rest" count="9" size="222"/>',
    '<system type="current" size="333"/></heap>',
    '<total type="fast" count="2" size="100"/><total type="rest" count="3" size="2000"/>',
    '<total type="mmap" count="1" size="50000"/>',
    '<system type="current" size="10000"/><system type="max" size="99999"/></malloc>',
  ].join('\n');
  t.equal(bytesInUse(report), 10_000 - 100 - 2000 + 50_000);
});

t.test('the allocator of this process', async (t) => {
  const malloc = await openMalloc();
  if (malloc === null) {
    t.pass('it has none that tells');
    return;
  }
  const before = malloc.inUse();
  const kept = Buffer.alloc(64 * mib, 1);
  const growth = malloc.inUse() - before;
  t.ok(growth >= kept.length && growth < kept.length + 8 * mib, `${growth} bytes more`);
  malloc.trim();
});

t.test('a standstill, and whose doing it was', async (t) => {
  const standstills = new Standstills();
  t.teardown(() => standstills.stop());
  const end = performance.now() + 600;
  while (performance.now() < end);
  let [seen] = standstills.take();
  while (seen === undefined) {
    await nextTurn();
    [seen] = standstills.take();
  }
  t.ok(seen.ms >= 500, `${seen.ms} ms`);
  t.ok(seen.ranMs > 20, `it ran for ${seen.ranMs} ms`);
  t.same(standstills.take(), [], 'each is told once');
});
