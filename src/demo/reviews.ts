/** The reviews service in its three versions: without stars, with black ones, with red ones. */

import { type MeshClient, type MeshHeaders, propagateHeaders } from './mesh-client.ts';
import type { BookRatings } from './ratings.ts';
import { jsonResponse, type ServiceHandler } from './service.ts';

export type ReviewsVersion = 'v1' | 'v2' | 'v3';

export type ReviewRating =
  | { readonly stars: number; readonly color: 'black' | 'red' }
  | { readonly error: string };

export interface Review {
  readonly reviewer: string;
  readonly text: string;
  /** v1 does not ask for ratings. */
  readonly rating?: ReviewRating;
}

export interface BookReviews {
  readonly id: string;
  /** Which version answered. */
  readonly podname: string;
  readonly clustername: string;
  readonly reviews: readonly Review[];
}

/** Long enough to be outlasted by an injected delay that somebody wants to see. */
const ratingsTimeoutMs = 10_000;

const texts: ReadonlyArray<Omit<Review, 'rating'>> = [
  {
    reviewer: 'Reviewer1',
    text: 'Two pairs of twins, one town, and not a single person who asks the obvious question. I laughed until the last scene, where everybody finally does.',
  },
  {
    reviewer: 'Reviewer2',
    text: 'Short, fast and built like clockwork. It lacks the depth of the later plays, and it never pretends otherwise.',
  },
];

export function reviewsHandler(version: ReviewsVersion, mesh: MeshClient): ServiceHandler {
  return async ({ path, headers }) => {
    if (path === '/health') return jsonResponse({ status: 'Reviews is healthy' });
    const id = /^\/reviews\/(\d+)$/.exec(path)?.[1];
    if (id === undefined) return null;
    const reviews =
      version === 'v1' ? texts : await ratedReviews(version, id, { mesh, from: headers });
    const body: BookReviews = { id, podname: `reviews-${version}`, clustername: 'demo', reviews };
    return jsonResponse(body);
  };
}

interface RatingsCall {
  readonly mesh: MeshClient;
  readonly from: Parameters<typeof propagateHeaders>[0];
}

async function ratedReviews(
  version: 'v2' | 'v3',
  id: string,
  call: RatingsCall,
): Promise<readonly Review[]> {
  const color = version === 'v2' ? 'black' : 'red';
  const ratings = await readRatings(id, call.mesh, propagateHeaders(call.from));
  return texts.map((review) => {
    const stars = ratings?.ratings[review.reviewer];
    if (stars !== undefined) return { ...review, rating: { stars, color } };
    return { ...review, rating: { error: 'Ratings service is currently unavailable' } };
  });
}

async function readRatings(
  id: string,
  mesh: MeshClient,
  headers: MeshHeaders,
): Promise<BookRatings | null> {
  const response = await mesh.get(`http://ratings:9080/ratings/${id}`, headers, ratingsTimeoutMs);
  return response.status === 200 ? (JSON.parse(response.body) as BookRatings) : null;
}
