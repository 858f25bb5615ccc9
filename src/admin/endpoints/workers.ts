/** /workers: the processes that serve. */

import { type AdminEndpoint, json } from '../admin-endpoint.ts';

export const workers: AdminEndpoint = {
  path: '/workers',
  mutation: false,
  help: 'print the worker processes, none where this process serves itself',
  parameters: [],
  handle: (_request, state) =>
    json({
      concurrency: state.concurrency(),
      workers: state.workers().map(({ number, pid }) => ({ number, pid })),
    }),
};
