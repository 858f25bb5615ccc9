/** How /api/v1 answers: JSON on one line, and errors that say what to change. */

import type { AdminResponse } from '../admin-endpoint.ts';
import type { ApiError } from './schema/shared.ts';

export function answer(value: unknown, status = 200): AdminResponse {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

export function refuse(error: string, status = 400, position: number | null = null): AdminResponse {
  const body: ApiError = { error, position };
  return answer(body, status);
}
