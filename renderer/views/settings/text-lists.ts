import { type Endpoint, formatEndpoint, parseEndpoint } from '../../../core/base/endpoint.ts';
import { isUnicast, parseIp } from '../../../core/base/ip.ts';
import { lineOf, wordsIn } from '../../../core/base/program-line.ts';
import { parseProxyUrl } from '../../../core/base/proxy-url.ts';

/** A list of values as text that is typed: separated by commas, spaces or both. */
export interface TextList<T> {
  format(values: readonly T[]): string;
  /** Undefined where something is none. */
  parse(text: string): readonly T[] | undefined;
}

/** A program and its arguments, as a line. */
export const PROGRAM: TextList<string> = { format: lineOf, parse: wordsIn };

const MOST = 100;

function textList<T>(format: (value: T) => string, parse: (text: string) => T | undefined): TextList<T> {
  return {
    format: (values) => values.map(format).join(', '),
    parse: (text) => {
      const values = text
        .split(/[\s,;]+/)
        .filter((part) => part !== '')
        .map(parse);
      return values.length > MOST || values.includes(undefined) ? undefined : (values as T[]);
    },
  };
}

/** `host:port`, an IPv6 address in brackets. */
export const ENDPOINTS: TextList<Endpoint> = textList(formatEndpoint, (text) => {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined || endpoint.host.length > 255) return undefined;
  // What stands in brackets, or looks like an IPv4 address, is one.
  const isAddress = endpoint.host.includes(':') || /^[\d.]+$/.test(endpoint.host);
  return isAddress && parseIp(endpoint.host) === undefined ? undefined : endpoint;
});

/** URLs of proxies. */
export const PROXIES: TextList<string> = textList(
  (url) => url,
  (url) => (parseProxyUrl(url) === undefined ? undefined : url),
);

/** Addresses of routers; one of a link alone may bear its zone (`fe80::1%eth0`). */
export const ROUTERS: TextList<string> = textList(
  (text) => text,
  (text) => {
    const ip = parseIp(text.replace(/%[\w.-]{1,32}$/, ''));
    return ip !== undefined && isUnicast(ip) ? text : undefined;
  },
);
