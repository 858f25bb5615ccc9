/** The paths that change what the proxy does: counters, health, draining, logs, the end. */

import { type AdminEndpoint, parameter, text } from '../admin-endpoint.ts';

export const drainListeners: AdminEndpoint = {
  path: '/drain_listeners',
  mutation: true,
  help: 'end connections with their next response and accept no further ones',
  parameters: [
    parameter('graceful', 'accept connections for 45 s yet', 'flag'),
    parameter('inboundonly', 'inbound listeners alone', 'flag'),
    parameter('skip_exit', 'go on accepting connections', 'flag'),
  ],
  handle: ({ query }, state) => {
    state.drainListeners({
      inboundOnly: query.has('inboundonly'),
      graceful: query.has('graceful'),
      skipExit: query.has('skip_exit'),
    });
    return text('OK\n');
  },
};

export const healthcheckFail: AdminEndpoint = {
  path: '/healthcheck/fail',
  mutation: true,
  help: 'be left alone: /ready answers 503, connections end with their next response',
  parameters: [],
  handle: (_request, state) => {
    state.failHealthChecks(true);
    return text('OK\n');
  },
};

export const healthcheckOk: AdminEndpoint = {
  path: '/healthcheck/ok',
  mutation: true,
  help: 'take back /healthcheck/fail',
  parameters: [],
  handle: (_request, state) => {
    state.failHealthChecks(false);
    return text('OK\n');
  },
};

export const quit: AdminEndpoint = {
  path: '/quitquitquit',
  mutation: true,
  help: 'drain and exit',
  parameters: [],
  handle: (_request, state) => ({ ...text('OK\n'), afterwards: () => state.quit() }),
};

export const resetCounters: AdminEndpoint = {
  path: '/reset_counters',
  mutation: true,
  help: 'set all counters and histograms to zero',
  parameters: [],
  handle: async (_request, state) => {
    await state.resetCounters();
    return text('OK\n');
  },
};

export const reopenLogs: AdminEndpoint = {
  path: '/reopen_logs',
  mutation: true,
  help: 'open the files of access logs anew, as after a rotation',
  parameters: [],
  handle: async (_request, state) => {
    await state.reopenLogs();
    return text('OK\n');
  },
};
