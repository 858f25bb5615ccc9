/** The productpage service: gathers what the others know and shows it, as a page and as JSON. */

import type { BookDetails } from './details.ts';
import { type MeshClient, type MeshHeaders, propagateHeaders } from './mesh-client.ts';
import { type Part, product } from './product.ts';
import { renderProductPage } from './product-page-html.ts';
import type { BookReviews } from './reviews.ts';
import {
  jsonResponse,
  type ServiceHandler,
  type ServiceRequest,
  type ServiceResponse,
} from './service.ts';
import { endedSessionCookie, loginUser, sessionCookie, sessionUser } from './session.ts';

const callTimeoutMs = 3_000;

export function productPageHandler(mesh: MeshClient): ServiceHandler {
  return (request) => {
    const { method, path } = request;
    if (method === 'POST' && path === '/login') return login(request.body);
    if (path === '/logout') return redirect(endedSessionCookie());
    if (path === '/health') return jsonResponse({ status: 'Product page is healthy' });
    if (path === '/' || path === '/index.html') return redirect();
    if (path === '/productpage') return productPage(request, mesh);
    if (path.startsWith('/api/v1/products')) return productApi(request, mesh);
    return null;
  };
}

function login(form: string): ServiceResponse {
  const user = loginUser(form);
  return user === null ? redirect() : redirect(sessionCookie(user));
}

function redirect(cookie?: string): ServiceResponse {
  const headers: Record<string, string> = { location: '/productpage' };
  if (cookie !== undefined) headers['set-cookie'] = cookie;
  return { status: 302, headers, body: '' };
}

async function productPage(request: ServiceRequest, mesh: MeshClient): Promise<ServiceResponse> {
  const headers = outgoingHeaders(request);
  const [details, reviews] = await Promise.all([
    readPart<BookDetails>(mesh, detailsUrl(product.id), headers),
    readPart<BookReviews>(mesh, reviewsUrl(product.id), headers),
  ]);
  const user = sessionUser(request.headers.cookie);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: renderProductPage({ product, user, details, reviews }),
  };
}

async function productApi(
  request: ServiceRequest,
  mesh: MeshClient,
): Promise<ServiceResponse | null> {
  if (request.path === '/api/v1/products') return jsonResponse([product]);
  const match = /^\/api\/v1\/products\/(\d+)(\/reviews|\/ratings)?$/.exec(request.path);
  if (match === null) return null;
  const id = Number(match[1]);
  const url = partUrl(match[2], id);
  const response = await mesh.get(url, outgoingHeaders(request), callTimeoutMs);
  if (response.status === 200) {
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    return { status: 200, headers, body: response.body };
  }
  return jsonResponse({ error: `${url} answered ${response.status}` }, response.status || 503);
}

function outgoingHeaders(request: ServiceRequest): MeshHeaders {
  const user = sessionUser(request.headers.cookie);
  const headers = propagateHeaders(request.headers);
  // Only the session says who somebody is; what a client writes into end-user does not count.
  const { 'end-user': _claimed, ...rest } = headers;
  return user === null ? rest : { ...rest, 'end-user': user };
}

async function readPart<T>(mesh: MeshClient, url: string, headers: MeshHeaders): Promise<Part<T>> {
  const response = await mesh.get(url, headers, callTimeoutMs);
  if (response.status !== 200) return { failedStatus: response.status };
  return { value: JSON.parse(response.body) as T };
}

function partUrl(part: string | undefined, id: number): string {
  if (part === '/reviews') return reviewsUrl(id);
  return part === '/ratings' ? `http://ratings:9080/ratings/${id}` : detailsUrl(id);
}

function detailsUrl(id: number): string {
  return `http://details:9080/details/${id}`;
}

function reviewsUrl(id: number): string {
  return `http://reviews:9080/reviews/${id}`;
}
