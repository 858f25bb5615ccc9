/**
 * The time of day is set while requests are under way. Timeouts and durations go by the clock that
 * never goes back; the time of day is for people and for certificates.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ManualClock } from '../support/manual-clock.ts';
import { proxiedOrigin } from '../support/proxied-origin.ts';
import { noLoad } from '../support/proxy-harness.ts';
import { getRequest } from '../support/raw-client.ts';

const day = 24 * 60 * 60 * 1000;

for (const [where, jump] of [
  ['forward', day],
  ['back', -day],
] as const) {
  t.test(`a clock that is set ${where} ends no request and lengthens none`, async (t) => {
    const { proxy, origin } = await proxiedOrigin(t, () => null, {
      action: { timeoutMs: 10_000 },
      manualTime: true,
    });
    const client = await proxy.connect();
    client.write(getRequest('/', 'a'));
    await proxy.until('the request at its origin', () => origin.requests.length === 1);
    proxy.advance(4_000);
    (proxy.context.clock as ManualClock).setWallBy(jump);
    proxy.advance(5_990);
    t.equal(proxy.ended.length, 0, 'it still has its time');
    proxy.advance(60);
    t.equal((await client.readResponse()).status, 504);
    const { info } = await proxy.ending();
    const ms = info.endedAt - info.startedAt;
    t.ok(ms >= 10_000 && ms < 10_060, `it took ${ms} ms`);
    t.same(proxy.load, noLoad);
    client.destroy();
  });
}

/** Who reads the time of day, below `src/`, and what for. */
const readers: ReadonlyMap<string, string> = new Map([
  ['admin/endpoints/certs.ts', 'days until certificates expire'],
  ['admin/live-state.ts', 'for those who show it'],
  ['admin/server-samples.ts', 'days until certificates expire'],
  ['base/wall-time.ts', 'start times of log lines and spans'],
  ['cli/ca/ca.ts', 'days until certificates expire'],
  ['cli/proxy-config/certificate-table.ts', 'days until certificates expire'],
  ['cli/top/top-monitor.ts', 'compared with the times that the proxy tells'],
  ['cli/top/top-run.ts', 'compared with the times that the proxy tells'],
  ['explain/client-tls.ts', 'which certificates are valid'],
  ['loadtest/run-loadtest.ts', 'a moment that two processes mean'],
  ['loadtest/upstream/upstreams-process.ts', 'a moment that two processes mean'],
  ['local-tls/leaf-certificates.ts', 'which certificates are valid'],
  ['local-tls/local-authority.ts', 'which certificates are valid'],
  ['proxy/downstream/date-header.ts', 'the date line'],
  ['runtime/config-store.ts', 'which certificates are valid'],
  ['runtime/open-local-certificates.ts', 'which certificates are valid'],
  ['runtime/reloader.ts', 'when the configuration was applied'],
  ['telemetry/logger.ts', 'times of log lines'],
  ['telemetry/traffic/traffic-sampler.ts', 'the window as it is shown'],
]);

t.test('nothing else reads the time of day, so nothing else can follow its jumps', async (t) => {
  const root = join(import.meta.dirname, '../../src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const found = files.filter(
    (name) =>
      name.endsWith('.ts') &&
      /^(?!\s*(\/?\*|\/\/)).*\.wall\(\)/m.test(readFileSync(join(root, name), 'utf8')),
  );
  t.same(found.sort(), [...readers.keys()].sort());
});
