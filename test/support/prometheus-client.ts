/** Asks a Prometheus server. */

/** One element of the answer to an instant query. */
export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: unknown;
}

export class Prometheus {
  readonly #base: string;

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}`;
  }

  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#base}/-/ready`)).ok;
    } catch {
      // Not listening yet.
      return false;
    }
  }

  /** Throws with what Prometheus has against the expression. */
  async query(expr: string): Promise<readonly PrometheusSample[]> {
    const data = (await this.#ask('query', { query: expr })) as {
      readonly result: readonly { readonly metric: object; readonly value: [number, string] }[];
    };
    return data.result.map(({ metric, value }) => ({
      metric: metric as PrometheusSample['metric'],
      value: Number(value[1]),
    }));
  }

  async labelValues(label: string, match: string): Promise<readonly string[]> {
    return (await this.#ask(`label/${label}/values`, { 'match[]': match })) as string[];
  }

  /** What /api/v1/targets and its like say. */
  async get(path: string, parameters: Record<string, string> = {}): Promise<unknown> {
    return this.#ask(path, parameters);
  }

  async #ask(path: string, parameters: Record<string, string>): Promise<unknown> {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`${this.#base}/api/v1/${path}?${query}`);
    const answer = (await response.json()) as Answer;
    if (answer.status !== 'success') throw new Error(answer.error ?? `status ${response.status}`);
    return answer.data;
  }
}
