// Streams that are reset before all that came with them has been read (CVE-2023-44487).

import t from 'tap';
import { errorCode, flag } from '../../../src/http2/protocol.ts';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import {
  data,
  getFields,
  headers,
  postFields,
  rstStream,
  windowUpdate,
} from '../../http2/frames.ts';
import { H2Wire } from '../../support/h2-wire.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { ok } from '../../support/scripted-origin.ts';

t.test('what is reset in the same read is counted and told, and goes to no endpoint', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
  const client = await H2Wire.open(t, proxy.port);
  client.send(
    Buffer.concat([
      headers(1, getFields),
      rstStream(1, errorCode.cancel),
      headers(3, postFields, flag.endHeaders),
      windowUpdate(3, 0),
      headers(5, getFields),
    ]),
  );
  await proxy.ending(3);
  const ends = proxy.ended.map(({ info }) => info);
  t.match(
    ends.map(({ responseFlags, method, path, status }) => ({
      ...{ responseFlags, method, path, status },
    })),
    [
      { responseFlags: responseFlag.downstreamRemoteReset, method: 'GET', path: '/', status: 0 },
      { responseFlags: responseFlag.downstreamProtocolError, method: 'POST', path: '/', status: 0 },
      { responseFlags: 0, path: '/', status: 200 },
    ],
  );
  t.equal(ends[0]?.authority, ends[2]?.authority, 'logs name the host, too');
  t.equal(origin.requests.length, 1);
  t.match(proxy.listener.stats, { downstreamRqTotal: 3, downstreamRqHttp2Total: 3 });
  t.equal(proxy.listener.stats.downstreamRqActive, 0);
});

t.test('a body in the same read belongs to its request', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
  const client = await H2Wire.open(t, proxy.port);
  client.send(
    Buffer.concat([
      headers(1, postFields, flag.endHeaders),
      headers(3, postFields, flag.endHeaders),
      data(1, 'first', flag.endStream),
      data(3, 'second', flag.endStream),
    ]),
  );
  await proxy.ending(2);
  t.strictSame(origin.requests.map(({ body }) => String(body)).sort(), ['first', 'second']);
});
