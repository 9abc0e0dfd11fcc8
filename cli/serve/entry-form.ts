import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Most bytes of a form with a token or password. */
const MAX_FORM = 4096;

/** Whether what is sent along is a form, as `entryPage` has one. */
export function isForm(headers: IncomingHttpHeaders): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
}

/** What was typed into the form of `entryPage`; undefined where more was sent along than it has, or the connection broke. */
export async function secretOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_FORM) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('secret') ?? '';
}
