/** The list of all paths of the admin API. A new path is one entry here. */

import type { AdminEndpoint } from './admin-endpoint.ts';
import { clusters } from './endpoints/clusters.ts';
import { configDump, configStatus } from './endpoints/config.ts';
import { drainListeners, logging, quit, resetCounters } from './endpoints/control.ts';
import { createHelp, createIndex } from './endpoints/help.ts';
import { ready, serverInfo } from './endpoints/lifecycle.ts';
import { listeners } from './endpoints/listeners.ts';
import { stats, statsPrometheus } from './endpoints/stats.ts';

export function createAdminEndpoints(): readonly AdminEndpoint[] {
  const all: AdminEndpoint[] = [
    createIndex(() => all),
    configStatus,
    clusters,
    configDump,
    drainListeners,
    createHelp(() => all),
    listeners,
    logging,
    quit,
    ready,
    resetCounters,
    serverInfo,
    stats,
    statsPrometheus,
  ];
  return all;
}
