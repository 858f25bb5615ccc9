/** The HTML of the product page: one string, nothing loaded from elsewhere. */

import { escapeHtml } from '../base/html-text.ts';
import type { BookDetails } from './details.ts';
import type { Part, Product } from './product.ts';
import { pageIcon, pageScript, pageStyle } from './product-page-assets.ts';
import type { BookReviews, Review, ReviewRating } from './reviews.ts';

export interface ProductPageContent {
  readonly product: Product;
  /** Who is logged in. */
  readonly user: string | null;
  readonly details: Part<BookDetails>;
  readonly reviews: Part<BookReviews>;
}

const starsMax = 5;

export function renderProductPage(content: ProductPageContent): string {
  const title = escapeHtml(content.product.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · bookinfo on sluice</title>
<link rel="icon" href="${pageIcon}">
<style>${pageStyle}</style>
</head>
<body>
${renderTopBar(content.user)}
<main>
<section class="hero">
<p class="kicker">Bookinfo, routed by sluice</p>
<h1>${title}</h1>
<p class="lead">${escapeHtml(content.product.description)}</p>
</section>
<div class="columns">
${renderDetails(content.details)}
${renderReviews(content.reviews)}
</div>
${renderShares()}
</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

function renderTopBar(user: string | null): string {
  const brand = '<a class="brand" href="/productpage"><span class="mark"></span>bookinfo</a>';
  if (user !== null) {
    return `<header>${brand}<div class="session"><span class="who">Signed in as
<b id="user">${escapeHtml(user)}</b></span><a class="button quiet" href="/logout">Sign out</a></div></header>`;
  }
  return `<header>${brand}<form class="session" method="post" action="/login">
<input name="username" placeholder="jason" aria-label="User name" autocomplete="username" required>
<button class="button">Sign in</button></form></header>`;
}

function renderDetails(details: Part<BookDetails>): string {
  if ('failedStatus' in details) return renderFailure('Book details', details.failedStatus);
  const book = details.value;
  const rows: ReadonlyArray<readonly [string, string | number]> = [
    ['Author', book.author],
    ['Year', book.year],
    ['Type', book.type],
    ['Pages', book.pages],
    ['Publisher', book.publisher],
    ['Language', book.language],
    ['ISBN-10', book['ISBN-10']],
    ['ISBN-13', book['ISBN-13']],
  ];
  const cells = rows.map(
    ([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(String(value))}</dd>`,
  );
  return `<section class="card" id="details"><h2>Book details</h2><dl>${cells.join('\n')}</dl></section>`;
}

function renderReviews(reviews: Part<BookReviews>): string {
  if ('failedStatus' in reviews) return renderFailure('Book reviews', reviews.failedStatus);
  const { podname } = reviews.value;
  const quotes = reviews.value.reviews.map(renderReview).join('\n');
  return `<section class="card" id="reviews"><h2>Book reviews</h2>
${quotes}
<p class="served">Served by <b id="podname">${escapeHtml(podname)}</b></p></section>`;
}

function renderReview(review: Review): string {
  const rating = review.rating === undefined ? '' : renderRating(review.rating);
  return `<blockquote><p>${escapeHtml(review.text)}</p>
<footer><cite>${escapeHtml(review.reviewer)}</cite>${rating}</footer></blockquote>`;
}

function renderRating(rating: ReviewRating): string {
  if ('error' in rating) return `<span class="missing">${escapeHtml(rating.error)}</span>`;
  const { stars, color } = rating;
  const given = '★'.repeat(stars);
  const rest = '★'.repeat(Math.max(0, starsMax - stars));
  return `<span class="stars ${color}" role="img" aria-label="${stars} of ${starsMax} stars, ${color}">${given}<i>${rest}</i></span>`;
}

function renderFailure(title: string, status: number): string {
  const reason = status === 0 ? 'no answer in time' : `answered ${status}`;
  return `<section class="card failed"><h2>${title}</h2>
<p>Currently unavailable: the service behind the proxy ${reason}.</p></section>`;
}

/** The rules' effect at a glance: many requests, counted by the version that answered. */
function renderShares(): string {
  return `<section class="card shares" id="shares"><div class="shares-head"><div><h2>Who answers?</h2>
<p>Asks for the reviews 200 times and counts the versions. Change a weight in <code>config/bookinfo/reviews.yaml</code>, save, and ask again.</p></div>
<button class="button" id="ask">Ask 200 times</button></div>
<div class="bars">
<div class="bar" data-version="reviews-v1"><span>v1 <em>no stars</em></span><div><i></i></div><b>–</b></div>
<div class="bar black" data-version="reviews-v2"><span>v2 <em>black stars</em></span><div><i></i></div><b>–</b></div>
<div class="bar red" data-version="reviews-v3"><span>v3 <em>red stars</em></span><div><i></i></div><b>–</b></div>
<div class="bar failed" data-version="failed"><span>failed</span><div><i></i></div><b>–</b></div>
</div></section>`;
}
