/** The details service: facts about the book. */

import { jsonResponse, type ServiceHandler } from './service.ts';

export interface BookDetails {
  readonly id: number;
  readonly author: string;
  readonly year: number;
  readonly type: string;
  readonly pages: number;
  readonly publisher: string;
  readonly language: string;
  readonly 'ISBN-10': string;
  readonly 'ISBN-13': string;
}

export function detailsHandler(): ServiceHandler {
  return ({ path }) => {
    if (path === '/health') return jsonResponse({ status: 'Details is healthy' });
    const id = /^\/details\/(\d+)$/.exec(path)?.[1];
    return id === undefined ? null : jsonResponse(bookDetails(Number(id)));
  };
}

function bookDetails(id: number): BookDetails {
  return {
    id,
    author: 'William Shakespeare',
    year: 1595,
    type: 'paperback',
    pages: 200,
    publisher: 'PublisherA',
    language: 'English',
    'ISBN-10': '1234567890',
    'ISBN-13': '123-1234567890',
  };
}
