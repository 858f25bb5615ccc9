import { PassThrough } from 'node:stream';
import t from 'tap';
import { LineRelay } from '../../../src/runtime/workers/line-relay.ts';

t.test('pieces of two workers come out as whole lines, each once', async (t) => {
  const written: string[] = [];
  const relay = new LineRelay(async (bytes) => {
    written.push(Buffer.from(bytes).toString());
  });
  const [one, two] = [new PassThrough(), new PassThrough()];
  const done = Promise.all([relay.pass(one), relay.pass(two)]);
  one.write('a1');
  two.write('b1\nb');
  one.write('\na2\na');
  two.write('2');
  one.write('3\n');
  two.end();
  one.end();
  await done;
  for (const piece of written.slice(0, -1)) t.match(piece, /^b2$|\n$/);
  t.same(
    written
      .join('')
      .match(/[ab]\d/g)
      ?.sort(),
    ['a1', 'a2', 'a3', 'b1', 'b2'],
  );
});

t.test('a reader that has gone ends nothing', async (t) => {
  const relay = new LineRelay(() => Promise.reject(new Error('EPIPE')));
  const output = new PassThrough();
  const done = relay.pass(output);
  output.end('a\nb\n');
  await t.resolves(done);
});
