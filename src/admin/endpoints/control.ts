/** The paths that change something: log levels, counters, draining, the end. */

import { logLevels } from '../../telemetry/logger.ts';
import { type AdminEndpoint, type AdminResponse, text } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';

export const drainListeners: AdminEndpoint = {
  path: '/drain_listeners',
  mutation: true,
  help: 'stop accepting connections; graceful lets open ones end with their next response',
  parameters: ['graceful'],
  handle: ({ query }, state) => {
    state.drainListeners(query.has('graceful'));
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
  handle: (_request, state) => {
    state.metrics.reset();
    return text('OK\n');
  },
};

export const logging: AdminEndpoint = {
  path: '/logging',
  mutation: true,
  help: 'print the log levels; level=… sets all, COMPONENT=… sets one',
  parameters: ['level', 'COMPONENT'],
  handle: ({ query }, state) => {
    for (const [name, value] of query) {
      const problem = setLevel(state, name, value);
      if (problem !== null) return problem;
    }
    const lines = [...state.logs.levels()].map(([name, level]) => `  ${name}: ${level}\n`);
    return text(`active loggers:\n${lines.sort().join('')}`);
  },
};

function setLevel(state: RunningState, name: string, value: string): AdminResponse | null {
  const level = logLevels.find((known) => known === value);
  if (level === undefined) {
    return text(`unknown level "${value}", expected one of ${logLevels.join(', ')}\n`, 400);
  }
  const found = state.logs.setLevel(name === 'level' ? null : name, level);
  return found ? null : text(`unknown logger "${name}"\n`, 400);
}
