/** What tracing asks of a request, made ready from the settings of a listener's side. */

import type { Random } from '../../base/random.ts';
import type { MeshTelemetry } from '../../model/telemetry-settings.ts';
import type { TracingSettings } from '../../model/tracing-settings.ts';
import { UnrecordedIds } from './unrecorded-ids.ts';

export class TraceRules {
  /** Sampled requests become spans. Otherwise there is nobody to send them to. */
  readonly records: boolean;
  /** Forms in which traces that start here go out. */
  readonly startsW3c: boolean;
  readonly startsB3: boolean;
  /** Forms in which every trace goes out, beside those in which it came in. */
  readonly sendsW3c: boolean;
  readonly sendsB3: boolean;
  readonly ids = new UnrecordedIds();
  readonly #samplingPercent: number;

  /**
   * As Envoy's tracers: that of OpenTelemetry speaks W3C, that of Zipkin B3 in several lines.
   * Without a collector nobody has said which one is meant, and both are offered.
   */
  constructor({ collector, randomSamplingPercent }: TracingSettings) {
    const isZipkin = collector?.protocol === 'zipkin';
    this.records = collector !== null;
    this.startsW3c = !isZipkin;
    this.startsB3 = isZipkin || collector === null;
    this.sendsW3c = collector !== null && !isZipkin;
    this.sendsB3 = isZipkin;
    this.#samplingPercent = randomSamplingPercent;
  }

  /** Whether a trace that starts here is sampled. Certain outcomes draw nothing. */
  draw(random: Random): boolean {
    const percent = this.#samplingPercent;
    if (percent <= 0) return false;
    return percent >= 100 || random.fraction() * 100 < percent;
  }
}

/** Of both sides, as in `MeshTelemetry`; null: trace headers pass through untouched. */
export interface SidesTraceRules {
  readonly client: TraceRules | null;
  readonly server: TraceRules | null;
}

export function compileTraceRules({ client, server }: MeshTelemetry): SidesTraceRules {
  return {
    client: client.tracing === null ? null : new TraceRules(client.tracing),
    server: server.tracing === null ? null : new TraceRules(server.tracing),
  };
}
