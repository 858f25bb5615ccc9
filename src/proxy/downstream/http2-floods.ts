/** Under which of Envoy's names a connection is counted that ended because of too many frames. */

import type { FloodKind } from '../../http2/session-errors.ts';
import type { ListenerStats } from '../../telemetry/metrics/listener-stats.ts';

export function countFlood(stats: ListenerStats, flood: FloodKind): void {
  switch (flood) {
    case 'queued-answers':
      stats.http2OutboundControlFlood++;
      return;
    case 'queued-frames':
      stats.http2OutboundFlood++;
      return;
    case 'empty-frames':
      stats.http2InboundEmptyFramesFlood++;
      return;
    case 'ignored-frames':
      stats.http2InboundPriorityFramesFlood++;
      return;
    case 'window-updates':
      stats.http2InboundWindowUpdateFramesFlood++;
      return;
    case 'continuations':
      stats.http2HeaderOverflow++;
      return;
    case 'early-resets':
      stats.downstreamRqTooManyPrematureResets++;
  }
}
