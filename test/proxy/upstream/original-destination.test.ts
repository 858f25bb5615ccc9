import t from 'tap';
import { authorityPort } from '../../../src/proxy/headers/authority.ts';
import type { Stream } from '../../../src/proxy/stream/stream.ts';
import {
  isOwnListener,
  originalDestination,
} from '../../../src/proxy/upstream/original-destination.ts';
import { listenerModel } from '../../support/mesh-models.ts';
import { testStreamInfo } from '../../telemetry/stream-info-fixture.ts';

/** Of a stream only these are asked. */
function streamTo(authority: string, servicePort: number): Stream {
  const info = testStreamInfo(listenerModel({ servicePort }));
  return { authority, info } as unknown as Stream;
}

t.test('the port of an authority', async (t) => {
  const rows: readonly (readonly [authority: string, port: string])[] = [
    ['a', '80'],
    ['a:8080', '8080'],
    ['[::1]', '80'],
    ['[::1]:8080', '8080'],
  ];
  for (const [authority, port] of rows) t.equal(authorityPort(authority), port, authority);
});

t.test('where a request wants to go', async (t) => {
  const rows: readonly (readonly [string, number, string, number])[] = [
    ['10.0.0.1:9000', 0, '10.0.0.1', 9000],
    ['10.0.0.1', 0, '10.0.0.1', 80],
    ['10.0.0.1:9000', 8080, '10.0.0.1', 8080],
    ['a.example', 443, 'a.example', 443],
    ['[fd00::1]:9000', 0, 'fd00::1', 9000],
    ['[fd00::1]', 0, 'fd00::1', 80],
    ['a:99999', 0, 'a', 80],
    ['a:0', 0, 'a', 80],
  ];
  for (const [authority, servicePort, address, port] of rows) {
    const destination = originalDestination(streamTo(authority, servicePort));
    t.same(destination, { address, port }, `${authority} on ${servicePort}`);
  }
});

t.test('a connection to a mesh listener of this machine is one to itself', async (t) => {
  const listeners = [listenerModel({ direction: 'outbound', port: 15001 })];
  const rows: readonly (readonly [address: string, port: number, isOwn: boolean])[] = [
    ['127.0.0.1', 15001, true],
    ['127.9.8.7', 15001, true],
    ['::1', 15001, true],
    ['::ffff:127.0.0.1', 15001, true],
    ['10.0.0.2', 15001, true],
    ['127.0.0.1', 15002, false],
    ['10.0.0.3', 15001, false],
    ['', 15001, false],
  ];
  for (const [remoteAddress, remotePort, isOwn] of rows) {
    const ends = { localAddress: '10.0.0.2', remoteAddress, remotePort };
    t.equal(isOwnListener(listeners, ends), isOwn, `${remoteAddress} ${remotePort}`);
  }
});
