// What a listener counts of clients by the version of HTTP that they speak.

import t from 'tap';
import { errorCode, flag, frameType } from '../../../src/http2/protocol.ts';
import {
  block,
  data,
  frame,
  getFields,
  headers,
  postFields,
  rstStream,
  windowUpdate,
} from '../../http2/frames.ts';
import { H2Wire } from '../../support/h2-wire.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

t.test('connections and requests count for the version that is spoken', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const { stats } = proxy.listener;
  const silent = await H2Wire.connect(t, proxy.port);
  await proxy.until('connection', () => proxy.listener.openConnections === 1);
  t.equal(stats.downstreamCxHttp1Total, 0, 'who says nothing speaks neither');

  const client = await H2Wire.open(t, proxy.port);
  client.send(headers(1, getFields), headers(3, getFields));
  await proxy.ending(2);
  const old = await proxy.connect();
  old.write(getRequest('/', 'a'));
  await old.readResponse();
  const counted = {
    downstreamCxHttp1Total: 1,
    downstreamCxHttp1Active: 1,
    downstreamCxHttp2Total: 1,
    downstreamCxHttp2Active: 1,
    downstreamRqHttp1Total: 1,
    downstreamRqHttp2Total: 2,
    downstreamRqTotal: 3,
  };
  t.match(stats, counted);
  for (const { socket } of [old, client, silent]) socket.destroy();
  await proxy.until('close', () => proxy.listener.openConnections === 0);
  t.match(stats, { ...counted, downstreamCxHttp1Active: 0, downstreamCxHttp2Active: 0 });
});

t.test('an error of the protocol counts once, and that of a stream not', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const { stats } = proxy.listener;
  const client = await H2Wire.open(t, proxy.port);
  const lengthy = [...postFields, 'content-length', '1'];
  client.send(headers(1, lengthy, flag.endHeaders), data(1, 'too long', flag.endStream));
  await client.untilFrame('rstStream');
  t.equal(stats.downstreamCxProtocolError, 0);
  client.send(headers(3, [...getFields, 'Upper', 'case']));
  await client.untilFrame('goaway');
  await client.until('end', () => client.ended);
  t.equal(stats.downstreamCxProtocolError, 1);
});

t.test('no rule of a route sets fields of the connection', async (t) => {
  const rule = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'x-own'].map((name) => {
    return { name, value: 'close' };
  });
  const mutation = { set: rule, add: rule, remove: ['content-length'] };
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), {
    route: { responseHeaders: mutation, requestHeaders: mutation },
  });
  const client = await H2Wire.open(t, proxy.port);
  client.send(headers(1, getFields));
  t.equal((await proxy.ending()).status, 200);
  const sent = proxy.ended[0]?.info.responseHeaders?.flat ?? [];
  t.ok(sent.includes('x-own') && sent.includes('content-length'));
  for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'upgrade']) {
    t.notOk(sent.includes(name), name);
  }
  const old = await proxy.connect();
  old.write(getRequest('/', 'a'));
  const { headers: fields } = await old.readResponse();
  t.notOk(fields.some(([name]) => /^(connection|transfer-encoding)$/i.test(name)));
  t.ok(origin.requests.length > 0);
});

const repeat = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));

t.test(
  'a flood ends the connection with a request for calm, and counts for what it is',
  async (t) => {
    const open = headers(1, postFields, flag.endHeaders);
    const resets = repeat(600, (i) =>
      Buffer.concat([headers(2 * i + 1, getFields), rstStream(2 * i + 1, errorCode.cancel)]),
    );
    const continuation = frame(frameType.continuation, 0, 1, block(['x', 'y']));
    const floods: readonly [counter: string, Buffer][] = [
      [
        'http2InboundPriorityFramesFlood',
        repeat(500, () => frame(frameType.priority, 0, 3, '\0\0\0\0\0')),
      ],
      ['http2InboundWindowUpdateFramesFlood', repeat(50, () => windowUpdate(0, 1))],
      ['http2InboundEmptyFramesFlood', Buffer.concat([open, data(1, ''), data(1, '')])],
      [
        'http2HeaderOverflow',
        Buffer.concat([
          frame(frameType.headers, 0, 1, block(getFields)),
          repeat(20, () => continuation),
        ]),
      ],
      ['downstreamRqTooManyPrematureResets', resets],
    ];
    for (const [counter, bytes] of floods) {
      const { proxy } = await proxiedOrigin(t, () => ok('hello'));
      const client = await H2Wire.open(t, proxy.port);
      client.send(bytes);
      const { payload } = await client.untilFrame('goaway');
      t.equal(payload.readUInt32BE(4), errorCode.enhanceYourCalm, counter);
      await client.until('end', () => client.ended);
      t.match(proxy.listener.stats, { [counter]: 1, downstreamCxProtocolError: 0 }, counter);
    }
  },
);
