/** Which protocol a request is sent on in. */

import type { UpstreamProtocol } from '../../model/cluster.ts';
import type { Stream } from '../stream/stream.ts';

/** Whether endpoints of a cluster get the request of `stream` in HTTP/2; in HTTP/1.1 otherwise. */
export function speaksHttp2(protocol: UpstreamProtocol, { info }: Stream): boolean {
  return protocol === 'http2' || (protocol === 'downstream' && info.protocol === 'HTTP/2');
}
