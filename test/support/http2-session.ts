/** A client of HTTP/2 without TLS, for one test. Errors are those of its streams. */

import { type ClientHttp2Session, connect } from 'node:http2';
import type { Test } from 'tap';

export function connectHttp2(t: Test, { port }: { readonly port: number }): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  t.teardown(() => session.destroy());
  return session;
}
