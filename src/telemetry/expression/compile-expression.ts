/** Expressions over one exchange, such as `response.code >= 400`, of filters and metric tags. */

import { type CelProgram, type CelScope, compileCel } from '../../base/cel.ts';
import { ok, type Result } from '../../base/result.ts';
import { attributeNames, unknownAttributes } from '../../model/attributes.ts';
import type { StreamInfo } from '../stream-info.ts';
import { attributeTypes, type Evaluation } from './cel-attributes.ts';
import { HeaderMap } from './cel-header-map.ts';

export interface Expression {
  /** What its values are as far as is known: `bool`, `string`, `int`, …, or `dyn`. */
  readonly type: string;
  /**
   * A boolean, string, bigint (CEL's int), number (double), Date or what else CEL has. undefined
   * where evaluation fails, above all because an attribute is not there.
   */
  evaluate(info: StreamInfo): unknown;
}

/**
 * The error is one sentence without a full stop. Loads a library: not while requests wait.
 * `shown`: its value goes to a log, which shows no credentials.
 */
export function compileExpression(
  text: string,
  purpose: 'used' | 'shown' = 'used',
): Result<Expression, string> {
  const program = compileCel(text, scope);
  return program.ok ? ok(new CelExpression(program.value, purpose === 'shown')) : program;
}

const scope: CelScope = {
  objects: Object.fromEntries(
    Object.entries(attributeNames).map(([name, fields]) => [
      name,
      { fields, type: attributeTypes[name as keyof typeof attributeNames] },
    ]),
  ),
  maps: unknownAttributes,
  textMap: HeaderMap,
};

/** The variables of an expression, for one exchange; each is made when it is read. */
class Variables {
  readonly metadata = {};
  readonly filter_state = {};
  readonly upstream_filter_state = {};
  readonly #info: StreamInfo;
  readonly #library: Evaluation;

  constructor(info: StreamInfo, library: Evaluation) {
    this.#info = info;
    this.#library = library;
  }

  get request(): object {
    return new attributeTypes.request(this.#info, this.#library);
  }

  get response(): object {
    return new attributeTypes.response(this.#info, this.#library);
  }

  get connection(): object {
    return new attributeTypes.connection(this.#info, this.#library);
  }

  get source(): object {
    return new attributeTypes.source(this.#info, this.#library);
  }

  get destination(): object {
    return new attributeTypes.destination(this.#info, this.#library);
  }

  get upstream(): object {
    return new attributeTypes.upstream(this.#info, this.#library);
  }

  get xds(): object {
    return new attributeTypes.xds(this.#info, this.#library);
  }
}

class CelExpression implements Expression {
  readonly type: string;
  readonly #program: CelProgram;
  readonly #evaluation: Evaluation;

  constructor(program: CelProgram, hidesSecrets: boolean) {
    this.type = program.type;
    this.#program = program;
    this.#evaluation = { duration: (ms) => program.duration(ms), hidesSecrets };
  }

  evaluate(info: StreamInfo): unknown {
    return this.#program.evaluate(new Variables(info, this.#evaluation));
  }
}
