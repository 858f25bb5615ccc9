/** enable-cors and cors-*: what scripts of other origins may ask. */

import type { CorsPolicy } from '../../../schema/cors-policy.ts';
import type { StringMatch } from '../../../schema/shared.ts';
import type { AnnotationReader } from './annotation-reader.ts';

const defaultMethods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];
const defaultHeaders = [
  ...['DNT', 'Keep-Alive', 'User-Agent', 'X-Requested-With', 'If-Modified-Since'],
  ...['Cache-Control', 'Content-Type', 'Range', 'Authorization'],
];
const defaultMaxAge = 1_728_000;

export function readCors(reader: AnnotationReader): CorsPolicy | null {
  if (!reader.flag('enable-cors', false)) return null;
  const exposeHeaders = readNames(reader, 'cors-expose-headers', /^[\w*-]+$/) ?? [];
  const maxAge = reader.integer('cors-max-age', { min: 0 }) ?? defaultMaxAge;
  return {
    allowOrigins: readOrigins(reader),
    allowMethods: readNames(reader, 'cors-allow-methods', /^[A-Za-z]+$/) ?? defaultMethods,
    allowHeaders: readNames(reader, 'cors-allow-headers', /^[\w-]+$/) ?? defaultHeaders,
    ...(exposeHeaders.length === 0 ? {} : { exposeHeaders }),
    allowCredentials: reader.flag('cors-allow-credentials', true),
    maxAge: `${maxAge}s`,
  };
}

function readNames(reader: AnnotationReader, name: string, form: RegExp): string[] | null {
  const names = reader.list(name);
  const wrong = names.find((part) => !form.test(part));
  if (wrong === undefined) return names.length === 0 ? null : names;
  reader.refuse(name, `"${wrong}" is none: write names with commas between them`);
  return null;
}

function readOrigins(reader: AnnotationReader): StringMatch[] {
  const origins = reader.list('cors-allow-origin');
  const wrong = origins.find((origin) => !isOrigin(origin));
  if (wrong === undefined && origins.length > 0) return origins.map(matchOf);
  if (wrong !== undefined) {
    reader.refuse(
      'cors-allow-origin',
      `"${wrong}" is no origin: write https://app.example.com, https://*.example.com or *`,
    );
  }
  return [{ exact: '*' }];
}

function isOrigin(text: string): boolean {
  return text === '*' || /^[a-z][a-z0-9+.-]*:\/\/(\*\.)?[\w.-]+(:\d{1,5})?$/i.test(text);
}

/** A wildcard stands for one label. */
function matchOf(origin: string): StringMatch {
  if (origin === '*' || !origin.includes('*')) return { exact: origin };
  const [before = '', after = ''] = origin.split('*');
  return { regex: `${escaped(before)}[A-Za-z0-9-]+${escaped(after)}` };
}

function escaped(text: string): string {
  return text.replace(/[.+]/g, '\\$&');
}
