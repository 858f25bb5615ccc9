/** nghttpd as the gRPC endpoint behind every proxy: a file for an answer, a trailer for a status. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findCommand } from '../support/find-command.ts';
import { path, responseBody } from './protocol.ts';

export function grpcEndpointCommand(folder: string, port: number): readonly string[] | null {
  const nghttpd = findCommand('nghttpd');
  if (nghttpd === null) return null;
  const root = join(folder, 'nghttpd');
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), responseBody);
  return [nghttpd, '--no-tls', '-d', root, '--trailer=grpc-status: 0', String(port)];
}
