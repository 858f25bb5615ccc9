/** /api/v1/requests: the requests that ended last. */

import { err, ok, type Result } from '../../base/result.ts';
import {
  compileRequestFilter,
  type RequestFilter,
} from '../../telemetry/traffic/request-filter.ts';
import { type AdminEndpoint, type AdminResponse, parameter } from '../admin-endpoint.ts';
import { answer, refuse } from './answers.ts';
import type { RecentRequestList } from './schema/requests.ts';

const defaultLimit = 100;

export const filterParameter = parameter('filter', 'such as status>=500 and route=~"reviews.*"');

export const recentRequests: AdminEndpoint = {
  path: '/api/v1/requests',
  mutation: false,
  tellsCounts: true,
  help: 'list the requests that ended last, as JSON',
  parameters: [filterParameter, parameter('limit', `at most so many; default ${defaultLimit}`)],
  handle: async ({ query }, state) => {
    const filter = readFilter(query);
    if (!filter.ok) return filter.error;
    const limit = readCount(query, 'limit', defaultLimit);
    if (!limit.ok) return limit.error;
    await state.gatherRequests();
    const { recent, ended, unrecorded } = state.traffic;
    const list: RecentRequestList = {
      requests: recent.list(filter.value, limit.value),
      kept: recent.size,
      capacity: recent.capacity,
      ended,
      unrecorded,
    };
    return answer(list);
  },
};

/** The error is the answer. */
export function readFilter(query: URLSearchParams): Result<RequestFilter | null, AdminResponse> {
  const filter = compileRequestFilter(query.get('filter') ?? '');
  if (filter.ok) return filter;
  const { message, position } = filter.error;
  return err(refuse(`filter: ${message} (at ${position})`, 400, position));
}

/** More than anything ever has of it. */
const maxCount = 100_000;

/** A whole number from 1. */
export function readCount(
  query: URLSearchParams,
  name: string,
  whenAbsent: number,
): Result<number, AdminResponse> {
  const text = query.get(name);
  if (text === null) return ok(whenAbsent);
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= maxCount) return ok(value);
  return err(refuse(`${name} is a whole number, 1 to ${maxCount}, not "${text}"`));
}
