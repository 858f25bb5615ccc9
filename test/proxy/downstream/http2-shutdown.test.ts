// A connection of HTTP/2 that ends loses no stream (RFC 9113, section 6.8).

import t from 'tap';
import type { Http2Session } from '../../../src/http2/http2-session.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { Http2Shutdown } from '../../../src/proxy/downstream/http2-shutdown.ts';

const limits = { ...defaultLimits, closeLingerMs: 1000 };

function shutdownWith(openStreams: number) {
  const did: string[] = [];
  const session = {
    openStreams,
    announceGoaway: () => did.push('announce'),
    ping: () => did.push('ping'),
    goaway: () => did.push('goaway'),
  };
  const owner = { limits, onShutdown: () => did.push('close') };
  return { did, shutdown: new Http2Shutdown(owner, session as unknown as Http2Session) };
}

t.test('the last stream is named when the client has answered, and ended with', async (t) => {
  const { did, shutdown } = shutdownWith(1);
  shutdown.onPingAck();
  shutdown.onStreamsIdle();
  t.same(did, [], 'nothing is asked for yet');
  shutdown.begin(5000);
  t.same(did, ['announce', 'ping']);
  t.ok(shutdown.begun);
  shutdown.onStreamsIdle();
  t.same(did, ['announce', 'ping'], 'another stream may be on its way');
  shutdown.onPingAck();
  shutdown.onPingAck();
  t.same(did, ['announce', 'ping', 'goaway']);
  shutdown.onStreamsIdle();
  t.same(did, ['announce', 'ping', 'goaway', 'close']);
});

t.test('a client that does not answer is waited for a while', async (t) => {
  const { did, shutdown } = shutdownWith(0);
  t.equal(shutdown.leftMs(5000), Number.POSITIVE_INFINITY);
  shutdown.begin(5000);
  t.equal(shutdown.leftMs(5400), 600);
  shutdown.onTime(5999);
  t.same(did, ['announce', 'ping']);
  shutdown.onTime(6000);
  t.same(did, ['announce', 'ping', 'goaway', 'close']);
  t.equal(shutdown.leftMs(6000), Number.POSITIVE_INFINITY);
  shutdown.onTime(9000);
  t.equal(did.length, 4, 'once');
});

t.test('a client that ends it itself is not asked', async (t) => {
  const { did, shutdown } = shutdownWith(1);
  shutdown.onGoaway();
  t.ok(shutdown.begun);
  t.same(did, ['goaway']);
  shutdown.onStreamsIdle();
  t.same(did, ['goaway', 'close']);
});
