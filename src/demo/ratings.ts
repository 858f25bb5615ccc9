/** The ratings service: how many stars each reviewer gave. */

import { jsonResponse, type ServiceHandler } from './service.ts';

export interface BookRatings {
  readonly id: number;
  /** Reviewer to stars, 1 to 5. */
  readonly ratings: Readonly<Record<string, number>>;
}

export function ratingsHandler(): ServiceHandler {
  return ({ path }) => {
    if (path === '/health') return jsonResponse({ status: 'Ratings is healthy' });
    const id = /^\/ratings\/(\d+)$/.exec(path)?.[1];
    if (id === undefined) return null;
    const ratings: BookRatings = { id: Number(id), ratings: { Reviewer1: 5, Reviewer2: 4 } };
    return jsonResponse(ratings);
  };
}
