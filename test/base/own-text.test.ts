import t from 'tap';
import { ownText } from '../../src/base/own-text.ts';
import { heldBytes } from '../support/held-bytes.ts';

/** What the process does besides, such as to compile, adds to one measurement or another. */
function leastHeldBytes(make: (head: string) => unknown): number {
  return Math.min(...Array.from({ length: 3 }, () => heldBytes(make)));
}

t.test('a copy is the same text', (t) => {
  for (const text of [
    '',
    'short',
    'a longer text',
    'caf\u00e9 in latin1 \x7f\x80\xff',
    'ünïcödé 🍵 tea',
  ]) {
    t.equal(ownText(text), text);
  }
  t.end();
});

t.test('it does not keep what the text was cut from', (t) => {
  const cut = (head: string) => head.slice(5, 45);
  t.ok(leastHeldBytes(cut) > 40_000, 'a part of a string keeps it');
  t.ok(leastHeldBytes((head) => ownText(cut(head))) < 1_000);
  t.ok(leastHeldBytes((head) => ownText(`${cut(head)}${cut(head)}`)) < 1_000, 'nor does a join');
  t.ok(leastHeldBytes((head) => ownText(head.slice(0, 12))) < 1_000, 'nor do short ones');
  t.end();
});
