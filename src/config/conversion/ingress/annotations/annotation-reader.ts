/** Reads the annotations of one Ingress; what cannot be used is told with its place and left out. */

import { rangeBits } from '../../../../base/address-set.ts';
import {
  type TranslationCode,
  type TranslationFindings,
  translationCode,
} from '../../../translate/translation-findings.ts';
import { patternMistake } from '../../../validation/values.ts';
import type { Ingress } from '../ingress-rule.ts';
import { nginxPrefix, oldPrefix } from './annotation-names.ts';

export interface Range {
  readonly min: number;
  readonly max?: number;
}

/** nginx ends what it reads as a number of seconds or requests at 32 bits. */
const greatestInteger = 2_147_483_647;

export class AnnotationReader {
  readonly ingress: Ingress;
  readonly #findings: TranslationFindings;

  constructor(ingress: Ingress, findings: TranslationFindings) {
    this.ingress = ingress;
    this.#findings = findings;
  }

  /** null where it is not there, or empty. */
  text(name: string): string | null {
    const value = this.ingress.metadata.annotations[this.fullName(name)]?.trim() ?? '';
    return value === '' ? null : value;
  }

  /** As it is written: with the old prefix where only that is there. */
  fullName(name: string): string {
    const { annotations } = this.ingress.metadata;
    const isOld = !(`${nginxPrefix}${name}` in annotations) && `${oldPrefix}${name}` in annotations;
    return `${isOld ? oldPrefix : nginxPrefix}${name}`;
  }

  /** The first of several names of one thing that is there. */
  nameOf(names: readonly string[]): string | null {
    return names.find((name) => this.text(name) !== null) ?? null;
  }

  pathOf(name: string): readonly string[] {
    return ['metadata', 'annotations', this.fullName(name)];
  }

  flag(name: string, absent: boolean): boolean {
    const value = this.text(name);
    if (value === null) return absent;
    if (goTrue.has(value)) return true;
    if (goFalse.has(value)) return false;
    this.refuse(name, 'it is "true" or "false"');
    return absent;
  }

  integer(name: string, { min, max = greatestInteger }: Range): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    const most = max === greatestInteger ? ` of at least ${min}` : ` from ${min} to ${max}`;
    this.refuse(name, `it is a whole number${most}${unitHint(value)}`);
    return null;
  }

  choice<Value extends string>(name: string, values: readonly Value[]): Value | null {
    const text = this.text(name);
    if (text === null) return null;
    const found = values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (found === undefined) this.refuse(name, `it is one of ${values.join(', ')}`);
    return found ?? null;
  }

  /** Of RE2, which lacks what PCRE has beyond regular languages. */
  pattern(name: string): string | null {
    const text = this.text(name);
    const mistake = text === null ? null : patternMistake(text);
    if (mistake === null) return text;
    this.refuse(name, `it is no regular expression of RE2: ${mistake}`);
    return null;
  }

  /** A part of a path or a URL: a blank would end it. */
  spaceless(name: string): string | null {
    return this.#formed(name, /^[^\s\p{Cc}\p{Cs}]+$/u, 'write %20 for a blank');
  }

  /** No HTTP server takes another host than one in ASCII. */
  host(name: string): string | null {
    const form = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
    return this.#formed(name, form, 'it is a host, such as shop.example.com');
  }

  /** The name of a header or a cookie. */
  token(name: string): string | null {
    const form = /^[\w!#$%&'*+.^`|~-]+$/;
    return this.#formed(name, form, 'it is a name of letters, digits, "-" and "_"');
  }

  /** The value of an attribute of a cookie: a semicolon would begin another one. */
  cookieValue(name: string): string | null {
    return this.#formed(name, cookieText, 'it is a text in ASCII without ";"');
  }

  /** A value of a header, where nothing may end the line. */
  headerText(name: string): string | null {
    return this.#formed(name, /^[^\p{Cc}\p{Cs}]+$/u, 'it is a text without control characters');
  }

  #formed(name: string, form: RegExp, hint: string): string | null {
    const text = this.text(name);
    if (text === null || form.test(text)) return text;
    this.refuse(name, hint);
    return null;
  }

  /** Parts between commas, without blanks around them and without empty ones. */
  list(name: string): string[] {
    const parts = (this.text(name) ?? '').split(',').map((part) => part.trim());
    return parts.filter((part) => part !== '');
  }

  /** null where one of them is no address and no range: a list is used whole or not at all. */
  addressRanges(name: string, otherwise?: string): readonly string[] | null {
    const ranges = this.list(name);
    const wrong = ranges.find((range) => rangeBits(range) === null);
    if (wrong === undefined) return ranges;
    this.refuse(name, `"${wrong}" is no address or range: write 10.0.0.0/8,192.0.2.7`, otherwise);
    return null;
  }

  /** The value cannot be used; the hint says what is allowed. */
  refuse(name: string, hint: string, otherwise = 'it is left out'): void {
    const value = this.text(name) ?? '';
    const message = `${this.fullName(name)} cannot be "${value}"; ${otherwise}`;
    this.report(translationCode.annotationValue, name, { message, hint });
  }

  report(
    code: TranslationCode,
    name: string,
    text: { readonly message: string; readonly hint: string | null },
  ): void {
    this.#findings.add(code, { resource: this.ingress, path: this.pathOf(name) }, text);
  }
}

/** What may stand in an attribute of a cookie (RFC 6265 section 4.1.1). */
export const cookieText = /^[\x20-\x3a\x3c-\x7e]+$/;

/** What Go's ParseBool takes. */
const goTrue: ReadonlySet<string> = new Set(['true', 'True', 'TRUE', 't', 'T', '1']);
const goFalse: ReadonlySet<string> = new Set(['false', 'False', 'FALSE', 'f', 'F', '0']);

/** Seconds are written without their unit. */
function unitHint(value: string): string {
  const seconds = /^(\d+)s$/.exec(value)?.[1];
  return seconds === undefined ? '' : `: write "${seconds}"`;
}
