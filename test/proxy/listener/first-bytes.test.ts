import t from 'tap';
import { FirstBytes } from '../../../src/proxy/listener/first-bytes.ts';

t.test('bytes are joined in order, however they come', async (t) => {
  const whole = Buffer.from(Array.from({ length: 1000 }, (_, i) => i));
  for (const size of [1, 7, 64, 999, 1000]) {
    const first = new FirstBytes();
    let seen = first.with(Buffer.alloc(0));
    for (let at = 0; at < whole.length; at += size) {
      const piece = Buffer.from(whole.subarray(at, at + size));
      const isFirst = first.length === 0;
      seen = first.with(piece);
      t.ok(seen.equals(whole.subarray(0, at + piece.length)));
      if (isFirst) first.keep(piece);
      // The read buffer is another's by now.
      piece.fill(0);
    }
    t.equal(first.length, whole.length);
    t.ok(first.with(Buffer.alloc(0)).equals(whole));
  }
});

t.test('bytes that tell everything at once are not copied', async (t) => {
  const piece = Buffer.from('all of it');
  const first = new FirstBytes();
  t.equal(first.with(piece), piece);
  t.equal(first.length, 0);
});
