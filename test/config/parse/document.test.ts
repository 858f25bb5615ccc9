import t from 'tap';
import { DocumentReader } from '../../../src/config/parse/document.ts';

t.test('a text of the last load is not parsed again, an older one is', async (t) => {
  const reader = new DocumentReader();
  const read = (text: string) => reader.read('a.yaml', { text, lineOffset: 0 }).document?.value;
  reader.beginLoad();
  const first = read('a: [1]\n');
  t.same(first, { a: [1] });
  reader.beginLoad();
  t.equal(read('a: [1]\n'), first, 'the very same object');
  t.not(read('a: [2]\n'), first);
  reader.beginLoad();
  reader.beginLoad();
  t.not(read('a: [1]\n'), first, 'forgotten');
});
