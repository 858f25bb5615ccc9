/** A running proxy, as the commands that look at it ask it. */

import { AdminClient } from '../../admin/api/client.ts';
import { describeConnectionError } from '../../admin/api/client-error.ts';
import { askHttp } from '../../base/ask-http.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type AdminFlags, defaultAdminAddress } from './admin-option.ts';
import { usageError } from './usage-error.ts';

export class AdminConnection {
  readonly client: AdminClient;
  /** `http://127.0.0.1:15000`. */
  readonly base: string;

  constructor({ admin }: AdminFlags) {
    const url = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
    // Without a port it would be port 80, which nobody means.
    if (!URL.canParse(url) || !/:\d+\/?$/.test(admin)) {
      const message = `--admin: "${admin}" is no address: write HOST:PORT, for example ${defaultAdminAddress}`;
      throw usageError(message);
    }
    this.base = url.replace(/\/$/, '');
    this.client = new AdminClient(this.base);
  }

  /** Host and port, as people write them. */
  get place(): string {
    return this.base.replace(/^http:\/\//, '');
  }

  /** A path that is not below /api/v1. The error is a sentence for people. */
  async page(path: string, method: 'GET' | 'POST' = 'GET'): Promise<Result<string, string>> {
    try {
      const response = await askHttp(`${this.base}${path}`, { method });
      const body = await response.text();
      return response.ok ? ok(body) : err(body.split('\n', 1)[0] ?? `status ${response.status}`);
    } catch (error) {
      // Whatever goes wrong with a connection.
      return err(describeConnectionError(error as Error, this.base));
    }
  }
}
