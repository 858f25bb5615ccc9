/** The list of all paths of the admin API. A new path is one entry here. */

import type { AdminEndpoint } from './admin-endpoint.ts';
import { apiEndpoints } from './api/api-endpoints.ts';
import { createOpenApi } from './api/openapi.ts';
import { certs } from './endpoints/certs.ts';
import { clusters } from './endpoints/clusters.ts';
import { configDump, configStatus } from './endpoints/config.ts';
import {
  drainListeners,
  healthcheckFail,
  healthcheckOk,
  quit,
  reopenLogs,
  resetCounters,
} from './endpoints/control.ts';
import { createHelp } from './endpoints/help.ts';
import { createIndex } from './endpoints/index-page.ts';
import {
  healthzReady,
  hotRestartVersion,
  initDump,
  ready,
  runtimeModify,
  runtimeValues,
  serverInfo,
} from './endpoints/lifecycle.ts';
import { listeners } from './endpoints/listeners.ts';
import { logging } from './endpoints/logging.ts';
import { overload } from './endpoints/overload.ts';
import { contention, cpuProfiler, heapDump, heapProfiler, memory } from './endpoints/process.ts';
import { stats, statsPrometheus } from './endpoints/stats.ts';
import { takeover } from './endpoints/takeover.ts';
import { workers } from './endpoints/workers.ts';

export function createAdminEndpoints(): readonly AdminEndpoint[] {
  const all: AdminEndpoint[] = [
    createIndex(() => all),
    ...apiEndpoints,
    configStatus,
    createOpenApi(() => all),
    certs,
    clusters,
    configDump,
    contention,
    cpuProfiler,
    drainListeners,
    healthcheckFail,
    healthcheckOk,
    healthzReady,
    heapDump,
    heapProfiler,
    createHelp(() => all),
    hotRestartVersion,
    initDump,
    listeners,
    logging,
    memory,
    overload,
    quit,
    ready,
    reopenLogs,
    resetCounters,
    runtimeValues,
    runtimeModify,
    serverInfo,
    stats,
    statsPrometheus,
    takeover,
    workers,
  ];
  return all;
}
