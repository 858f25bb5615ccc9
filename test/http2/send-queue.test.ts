/** Pieces that wait to be sent: any cut of them gives the same bytes. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { FrameWriter } from '../../src/http2/frame-writer.ts';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import { defaultHttp2Limits } from '../../src/http2/http2-limits.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import { SendQueue } from '../../src/http2/send-queue.ts';
import { SessionProbe } from './session-probe.ts';

function newWriter(written: Buffer[]): FrameWriter {
  const probe = new SessionProbe({ fresh: true });
  const output = {
    queuedBytes: 0,
    requestFlush: () => {},
    write: (bytes: Buffer) => {
      written.push(Buffer.from(bytes));
    },
  };
  return new FrameWriter(
    {
      role: 'server',
      limits: defaultHttp2Limits,
      output,
      handler: probe,
      clock: probe.clock,
      slabs: new OutputSlabs(),
      extendedConnect: false,
    },
    new HpackEncoder(),
  );
}

t.test('pieces of text and bytes leave in order, whatever is taken at a time', async (t) => {
  for (let size = 1; size <= 12; size++) {
    const written: Buffer[] = [];
    const writer = newWriter(written);
    const queue = new SendQueue(1, { onSendDrain: () => {}, onSendEnd: () => {} });
    // A list of pieces is used again after it was empty.
    for (const round of ['a', 'b']) {
      queue.push(`${round}-one`, 0);
      queue.push(Buffer.from('__two__'), 2);
      queue.push('..three\xff', 2);
      t.equal(queue.queuedBytes, 16);
      while (queue.queuedBytes > 0) {
        const bytes = Math.min(size, queue.queuedBytes);
        writer.data(1, bytes, 0);
        queue.writeTo(writer, bytes);
      }
    }
    writer.flush();
    const bytes = Buffer.concat(written);
    const payloads: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUIntBE(at, 3);
      payloads.push(bytes.toString('latin1', at + 9, at + 9 + length));
      at += 9 + length;
    }
    t.equal(payloads.join(''), 'a-onetwo__three\xffb-onetwo__three\xff');
  }
});

t.test('a queue that never runs empty keeps nothing of what has left', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = new SendQueue(1, { onSendDrain: () => {}, onSendEnd: () => {} });
  let misplaced = 0;
  let taken = 0;
  const payload = (piece: string) => {
    if (piece !== (taken++ % 2 === 0 ? 'even' : 'odd.')) misplaced++;
  };
  const writer = { payload } as unknown as FrameWriter;
  let pushed = 0;
  const push = () => queue.push(pushed++ % 2 === 0 ? 'even' : 'odd.', 0);
  const pass = (count: number) => {
    for (let i = 0; i < count; i++) {
      push();
      queue.writeTo(writer, 4);
    }
  };
  for (let i = 0; i < 3; i++) push();
  pass(10_000);
  collect();
  const before = process.memoryUsage().heapUsed;
  pass(2_000_000);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  t.ok(grown < 2 << 20, `${grown} bytes`);
  t.equal(queue.queuedBytes, 12);
  t.equal(misplaced, 0);
});
