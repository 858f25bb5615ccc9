/** How /api/v1 answers: JSON on one line, and errors that say what to change. */

import type { AdminResponse } from '../admin-endpoint.ts';
import type { ApiError } from './schema/shared.ts';

/** Names this API in every answer, so that clients know it from others that speak JSON. */
export const apiHeader = 'sluice-api';
export const apiVersion = 'v1';

export const apiHeaders = { [apiHeader]: apiVersion };

export function answer(value: unknown, status = 200): AdminResponse {
  const body = `${JSON.stringify(value)}\n`;
  return { status, contentType: 'application/json', headers: apiHeaders, body };
}

export function refuse(error: string, status = 400, position: number | null = null): AdminResponse {
  const body: ApiError = { error, position };
  return answer(body, status);
}
