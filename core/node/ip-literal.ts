import { isIPv4 } from 'node:net';
import { parseIp } from '../base/ip.ts';

/**
 * The family of an IP address, 0 where the text is none (a name). `net.isIP` tells the same, but holds the text against its regular
 * expression for IPv6, which V8 makes 140 KiB of code of.
 */
export function literalFamily(text: string): 0 | 4 | 6 {
  if (!text.includes(':')) return isIPv4(text) ? 4 : 0;
  return parseIp(text.replace(/%[\w.:-]+$/, '')) === undefined ? 0 : 6;
}
