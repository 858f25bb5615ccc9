import t from 'tap';
import { MessageCounter } from '../../src/telemetry/grpc-messages.ts';

function message(length: number): Buffer {
  const bytes = Buffer.alloc(5 + length, 0xff);
  bytes[0] = 0;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

const body = Buffer.concat([message(0), message(3), message(70_000), message(1)]);

for (const size of [1, 2, 5, 7, 1_024, body.length]) {
  t.test(`four messages are counted in pieces of ${size} bytes`, (t) => {
    const counter = new MessageCounter();
    for (let start = 0; start < body.length; start += size) {
      counter.push(body, start, Math.min(start + size, body.length));
    }
    t.equal(counter.count, 4);
    t.end();
  });
}

t.test('a prefix that is not whole is no message', (t) => {
  const counter = new MessageCounter();
  counter.push(Buffer.from([0, 0, 0, 0]), 0, 4);
  t.equal(counter.count, 0);
  t.end();
});
