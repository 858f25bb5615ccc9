/** GET /api/v1/requests and the events of /api/v1/requests/stream. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { RequestRecord } from '../../../telemetry/traffic/request-record.ts';
import { count, named } from './fields.ts';

export type RecentRequestList = Static<typeof RecentRequestList>;
export const RecentRequestList = named('RecentRequestList', 'Requests that ended last.', {
  requests: Type.Array(RequestRecord, { description: 'The newest first.' }),
  kept: count('Records that are kept, of which the filter lets some through.'),
  capacity: count('Records that are kept at most.'),
  ended: count('Exchanges and TCP connections that ended since the start.'),
  unrecorded: count('Those of them of which no record was made: too many in one second.'),
});

export type DroppedRequests = Static<typeof DroppedRequests>;
export const DroppedRequests = named('DroppedRequests', 'Event `dropped`: what was left out.', {
  byLimit: count('Since the last such event, above `limit` a second.'),
  bySlowReader: count('Since the last such event, while the reader was too far behind.'),
});
