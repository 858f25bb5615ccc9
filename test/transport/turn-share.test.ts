import t from 'tap';
import { TurnShare } from '../../src/transport/turn-share.ts';

const kibi = 1024;

/** How many such pieces a socket may bring. */
function piecesOf(length: number): number {
  const share = new TurnShare();
  for (let pieces = 1; pieces <= 1000; pieces++) if (share.take(length)) return pieces;
  return Number.POSITIVE_INFINITY;
}

t.test('a share is 256 KiB in large pieces', (t) => {
  t.equal(piecesOf(64 * kibi), 4);
  t.equal(piecesOf(16 * kibi), 16, 'as TLS brings them');
  t.equal(piecesOf(16 * kibi - 1), Number.POSITIVE_INFINITY);
  t.end();
});

t.test('a small piece, and a new turn, begin it anew', (t) => {
  const share = new TurnShare();
  for (let piece = 0; piece < 3; piece++) t.notOk(share.take(64 * kibi));
  t.notOk(share.take(100));
  for (let piece = 0; piece < 3; piece++) t.notOk(share.take(64 * kibi));
  t.ok(share.take(64 * kibi));
  share.renew();
  t.notOk(share.take(64 * kibi));
  t.end();
});
