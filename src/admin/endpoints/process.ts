/** What the process takes and where its time goes: /memory, /contention, profiles and dumps. */

import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { eventLoopShare } from '../../base/event-loop.ts';
import {
  type AdminEndpoint,
  type AdminResponse,
  json,
  parameter,
  text,
} from '../admin-endpoint.ts';
import type { Diagnostics, ProfileKind } from '../diagnostics.ts';

export const memory: AdminEndpoint = {
  path: '/memory',
  mutation: false,
  help: 'print how much memory is in use',
  parameters: [],
  handle: () => {
    const heap = getHeapStatistics();
    const outside = heap.external_memory + heap.malloced_memory;
    return json({
      // Envoy's, of tcmalloc. Numbers of 64 bits are strings in the JSON of protocol buffers.
      allocated: String(heap.used_heap_size + outside),
      heap_size: String(heap.total_heap_size + outside),
      pageheap_unmapped: '0',
      pageheap_free: String(heap.total_heap_size - heap.used_heap_size),
      total_thread_cache: '0',
      total_physical_bytes: String(process.memoryUsage.rss()),
      v8: { heap, spaces: getHeapSpaceStatistics() },
    });
  },
};

export const contention: AdminEndpoint = {
  path: '/contention',
  mutation: false,
  help: 'measure for a while by how much the event loop is held up',
  parameters: [parameter('seconds', 'how long, 1 to 60 (1)')],
  handle: async ({ query }, { diagnostics }) => {
    const seconds = secondsOf(query.get('seconds') || '1');
    if (seconds === null) return badSeconds;
    const delay_ms = await diagnostics.eventLoopDelay(seconds * 1000);
    return json({ seconds, delay_ms, since_start: eventLoopShare() });
  },
};

export const cpuProfiler: AdminEndpoint = {
  path: '/cpuprofiler',
  mutation: true,
  help: 'make a CPU profile of V8 (.cpuprofile), which enable=n or the end of the time sends',
  parameters: [
    parameter('enable', 'begin or end', ['', 'y', 'n']),
    parameter('seconds', 'begin, and end after 1 to 60'),
  ],
  handle: ({ query }, { diagnostics }) => profile(query, diagnostics, 'cpu'),
};

export const heapProfiler: AdminEndpoint = {
  path: '/heapprofiler',
  mutation: true,
  help: 'make a profile of allocations (.heapprofile), which enable=n or the end of the time sends',
  parameters: [
    parameter('enable', 'begin or end', ['', 'y', 'n']),
    parameter('seconds', 'begin, and end after 1 to 60'),
  ],
  handle: ({ query }, { diagnostics }) => profile(query, diagnostics, 'heap'),
};

export const heapDump: AdminEndpoint = {
  path: '/heap_dump',
  mutation: false,
  help: 'send a snapshot of the heap (.heapsnapshot), with all that is in memory; local only',
  parameters: [],
  handle: ({ isLocal }, { diagnostics }) => {
    // Keys and the headers of requests are in memory, too.
    if (!isLocal) return text('a heap dump is given to this machine alone\n', 403);
    return {
      ...attachment('sluice.heapsnapshot', ''),
      body: { open: () => diagnostics.heapSnapshot() },
    };
  },
};

async function profile(
  query: URLSearchParams,
  diagnostics: Diagnostics,
  kind: ProfileKind,
): Promise<AdminResponse> {
  const seconds = query.get('seconds') || null;
  if (seconds !== null) return timedProfile(seconds, diagnostics, kind);
  switch (query.get('enable')) {
    case 'y':
      return (await diagnostics.startProfile(kind)) ? text('OK\n') : alreadyProfiling;
    case 'n':
      return finishedProfile(await diagnostics.stopProfile(kind), kind);
    default:
      return text('?enable=<y|n> or ?seconds=<1 to 60>\n', 400);
  }
}

async function timedProfile(
  asked: string,
  diagnostics: Diagnostics,
  kind: ProfileKind,
): Promise<AdminResponse> {
  const seconds = secondsOf(asked);
  if (seconds === null) return badSeconds;
  if (!(await diagnostics.startProfile(kind))) return alreadyProfiling;
  await diagnostics.wait(seconds * 1000);
  return finishedProfile(await diagnostics.stopProfile(kind), kind);
}

function finishedProfile(made: string | null, kind: ProfileKind): AdminResponse {
  if (made === null) return text('no profile has been begun: POST ?enable=y\n', 409);
  return attachment(`sluice.${kind}profile`, made);
}

const alreadyProfiling = text('a profile is being made already: POST ?enable=n ends it\n', 409);
const badSeconds = text('seconds is a whole number, 1 to 60\n', 400);

function secondsOf(asked: string): number | null {
  const seconds = /^\d{1,2}$/.test(asked) ? Number(asked) : 0;
  return seconds >= 1 && seconds <= 60 ? seconds : null;
}

function attachment(file: string, body: string): AdminResponse {
  const headers = { 'content-disposition': `attachment; filename="${file}"` };
  return { status: 200, contentType: 'application/json', headers, body };
}
