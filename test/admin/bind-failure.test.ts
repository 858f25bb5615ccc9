import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { describeBindFailure } from '../../src/admin/bind-failure.ts';
import { systemTimers } from '../../src/base/timers.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

async function holder(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function inUse(port: number, timers = systemTimers): Promise<string> {
  return describeBindFailure({ address: '127.0.0.1', port, code: 'EADDRINUSE' }, timers);
}

t.test('who has the port of the admin API is named where it says so', async (t) => {
  const answers = [
    ['{"node":{"id":"shop.web","user_agent_name":"sluice"}}', 'another sluice (shop.web)'],
    ['{"node":{"id":"a\\n\\u001b[31mb","user_agent_name":"envoy"}}', 'an Envoy (a [31mb)'],
    ['{"node":{"user_agent_name":"sluice"}}', 'another sluice'],
    ['{"node":{"user_agent_name":"other"}}', 'something else'],
    ['null', 'something else'],
    ['hello', 'something else'],
  ] as const;
  for (const [answer, name] of answers) {
    const port = await holder(t, (_request, response) => void response.end(answer));
    const takeover = name.includes('sluice') ? ', take its place with --takeover' : '';
    t.equal(
      await inUse(port),
      `cannot listen on 127.0.0.1:${port} for the admin API: ${name} has the port; stop it` +
        `${takeover}, or choose with --admin ADDR:PORT or --admin off`,
    );
  }
});

t.test('who does not answer is not waited for', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  const port = await holder(t, () => timers.advance(500));
  t.match(await inUse(port, timers), /something else has the port/);
  const endless = await holder(t, (_request, response) => {
    response.write('x'.repeat(65_536));
    response.write('x');
  });
  t.match(await inUse(endless), /something else has the port/);
});

t.test('other failures say what to choose', async (t) => {
  const describe = (code: string) =>
    describeBindFailure({ address: '::1', port: 80, code }, systemTimers);
  const start = 'cannot listen on [::1]:80 for the admin API: ';
  t.equal(await describe('EACCES'), `${start}not allowed; choose a port above 1023 with --admin`);
  t.match(await describe('EADDRNOTAVAIL'), /this machine does not have that address/);
  t.equal(await describe('EIO'), `${start}EIO; choose another address with --admin`);
});
