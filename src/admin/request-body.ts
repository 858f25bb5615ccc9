/** Reads the body of a request to the admin API. */

import type { IncomingMessage } from 'node:http';

const maxBodyBytes = 1024 * 1024;

/** null: larger than 1 MiB, or the client left before its end. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      // What comes beyond it is read and forgotten, so that the client comes to the answer.
      if (bytes <= maxBodyBytes) chunks.push(chunk);
    }
  } catch {
    // The connection is gone, and nobody waits for an answer.
    return null;
  }
  return bytes > maxBodyBytes ? null : Buffer.concat(chunks).toString('utf8');
}
