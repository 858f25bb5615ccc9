/** What becomes of new requests while the proxy protects itself: Envoy's stop_accepting_requests. */

import { responseFlag } from '../../telemetry/response-flags.ts';
import { localReply } from '../local-reply.ts';
import type { Stream } from '../stream/stream.ts';

/** With Envoy's words, so that clients and dashboards know them. */
const overloaded = localReply(503, 'overload', {
  flag: responseFlag.overloadManager,
  body: 'envoy overloaded',
});

/**
 * True if the request has been answered. It is before anything is done for it: nothing is checked,
 * no header is made, no route is looked for.
 */
export function isShed(stream: Stream): boolean {
  const { context, info } = stream;
  const share = context.overload.stopAcceptingRequests;
  if (share < 1 && context.random.fraction() >= share) return false;
  stream.noteUnrouted();
  if (stream.request.isComplete) info.requestEndAt = stream.activeAt;
  stream.connection.listener.stats.downstreamRqOverloadClose++;
  stream.reply(overloaded);
  return true;
}
