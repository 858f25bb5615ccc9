/**
 * `node:http` without its price: an `import` of it evaluates every export, among them a WebSocket
 * client that loads 16 MiB of code. Asked for this way, only what is used is loaded.
 */

import type { Agent, createServer, request, STATUS_CODES } from 'node:http';

interface Http {
  readonly Agent: typeof Agent;
  readonly createServer: typeof createServer;
  readonly request: typeof request;
  readonly STATUS_CODES: typeof STATUS_CODES;
}

export const http = process.getBuiltinModule('node:http') as Http;
