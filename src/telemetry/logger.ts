/**
 * The log of the program itself, for people and for machines: one line for each event on standard
 * error, as text with `key=value` pairs or as JSON. Levels can be changed while it runs.
 */

import type { Clock } from '../base/clock.ts';

/** Envoy's levels, from everything to nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface LoggerOptions {
  readonly clock: Clock;
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
  readonly level?: LogLevel;
  readonly encoding?: 'text' | 'json';
}

/** The root: makes loggers for components and holds their levels. */
export class LogRoot {
  readonly #options: LoggerOptions;
  readonly #levels = new Map<string, LogLevel>();
  #defaultLevel: LogLevel;
  /** Told of every change of a level; see `setLevel`. */
  onLevel: ((component: string | null, level: LogLevel) => void) | null = null;

  constructor(options: LoggerOptions) {
    this.#options = options;
    this.#defaultLevel = options.level ?? 'info';
  }

  /** `component` is a short word such as `config` or `listener`. */
  logger(component: string): Logger {
    if (!this.#levels.has(component)) this.#levels.set(component, this.#defaultLevel);
    return new Logger(this, component);
  }

  /** Every component with its level. */
  levels(): ReadonlyMap<string, LogLevel> {
    return this.#levels;
  }

  /** null stands for all components, also ones to come. False: there is no such component. */
  setLevel(component: string | null, level: LogLevel): boolean {
    if (component === null) {
      this.#defaultLevel = level;
      for (const name of this.#levels.keys()) this.#levels.set(name, level);
    } else {
      if (!this.#levels.has(component)) return false;
      this.#levels.set(component, level);
    }
    this.onLevel?.(component, level);
    return true;
  }

  isEnabled(component: string, level: LogLevel): boolean {
    const least = this.#levels.get(component) ?? this.#defaultLevel;
    return logLevels.indexOf(level) >= logLevels.indexOf(least);
  }

  write(entry: {
    readonly component: string;
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: LogFields;
  }): void {
    const time = new Date(this.#options.clock.wall()).toISOString();
    this.#options.write(
      this.#options.encoding === 'json' ? formatJson(time, entry) : formatText(time, entry),
    );
  }
}

/** Logs for one component. */
export class Logger {
  readonly #root: LogRoot;
  readonly #component: string;

  constructor(root: LogRoot, component: string) {
    this.#root = root;
    this.#component = component;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.log('debug', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.log('info', message, fields);
  }

  warning(message: string, fields: LogFields = {}): void {
    this.log('warning', message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.log('error', message, fields);
  }

  log(level: Exclude<LogLevel, 'off'>, message: string, fields: LogFields): void {
    if (!this.#root.isEnabled(this.#component, level)) return;
    this.#root.write({ component: this.#component, level, message, fields });
  }
}

interface LogEntry {
  readonly component: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

function formatJson(time: string, entry: LogEntry): string {
  const { component, level, message, fields } = entry;
  return `${quoted({ time, level, component, message, ...fields })}\n`;
}

function formatText(time: string, entry: LogEntry): string {
  let line = `${time} ${entry.level} [${entry.component}] ${oneLine(entry.message)}`;
  for (const [name, value] of Object.entries(entry.fields)) {
    line += ` ${name}=${formatField(value)}`;
  }
  return `${line}\n`;
}

/** Visible ASCII, but for the signs that say where a field ends. */
const bareField = /^[\x21\x23-\x3c\x3e-\x7e]+$/;

function formatField(value: LogFields[string] | undefined): string {
  const text = String(value);
  return bareField.test(text) ? text : quoted(text);
}

const controlCharacters = /\p{Cc}/gu;

// Text from outside must not be able to begin a line of its own, or to colour a terminal.

function oneLine(text: string): string {
  return text.replace(controlCharacters, (character) => `\\x${hex(character, 2)}`);
}

/** JSON itself escapes those below U+0020 only. */
function quoted(value: string | LogFields): string {
  const json = JSON.stringify(value);
  return json.replace(controlCharacters, (character) => `\\u${hex(character, 4)}`);
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
