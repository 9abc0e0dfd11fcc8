import { mediaType } from '../base/media-type.ts';
import type { ContentFile, Reads } from '../engine/content.ts';
import type { ServedAnswer, ServedRequest } from '../ports/http-server.ts';
import { type AskedRanges, type ByteRange, readRanges } from './byte-ranges.ts';
import { judgeConditions } from './conditions.ts';

/** How a file is given out. */
export interface Manner {
  /** `there`: what is not there yet is refused (503); `follow`: the answer is held until it comes, and what is asked for comes first. */
  readonly missing: 'there' | 'follow';
  /**
   * Range requests without an end get no more bytes than this at a time; undefined: all. Chromium takes that and asks on at the next
   * byte, so that it tells by itself where it is; other players take it for the end of the file.
   */
  readonly most?: number;
  /** Separates several ranges of an answer: text that nobody can foresee. */
  readonly boundary: () => string;
}

/** Bytes that are read from the disk at a time. */
const CHUNK = 256 * 1024;
/** Seconds after which somebody may ask again for what is not there yet. */
const RETRY_AFTER = 60;

/**
 * Whatever somebody put into a torrent, it does nothing in a browser: no script, no frame, no look at other pages. Its player may
 * fetch the file itself.
 */
const HARMLESS = {
  'Content-Security-Policy': "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

/** The answer to a request for a file (RFC 9110). Only GET and HEAD come here. */
export function fileAnswer(request: ServedRequest, file: ContentFile, tag: string, manner: Manner): ServedAnswer {
  const etag = `"${tag}"`;
  const { length } = file;
  const type = mediaType(file.path.at(-1) ?? '');
  const usual = { ...HARMLESS, 'Accept-Ranges': 'bytes', ETag: etag };
  const verdict = judgeConditions(
    {
      ifMatch: request.header('if-match'),
      ifNoneMatch: request.header('if-none-match'),
      ifRange: request.header('if-range'),
    },
    etag,
  );
  if (verdict === 'failed') return { status: 412, headers: { ...HARMLESS, ETag: etag, 'Content-Length': 0 } };
  if (verdict === 'unchanged') return { status: 304, headers: { ...HARMLESS, ETag: etag } };
  // Ranges are for GET alone.
  const ranged = request.method === 'GET' && verdict === 'go';
  const asked = readRanges(ranged ? request.header('range') : undefined, length);
  if (asked.kind === 'none') {
    return { status: 416, headers: { ...usual, 'Content-Range': `bytes */${length}`, 'Content-Length': 0 } };
  }
  const ranges = rangesOf(asked, length, manner.most);
  if (manner.missing === 'there' && !ranges.every(({ start, end }) => file.has(start, end - start))) {
    return { status: 503, headers: { ...HARMLESS, 'Retry-After': RETRY_AFTER, 'Content-Length': 0 } };
  }
  const [first, ...more] = ranges;
  const body =
    (parts: readonly Part[]) =>
    (signal: AbortSignal): AsyncIterable<Uint8Array> =>
      partsOf(file, parts, manner.missing === 'follow' ? 'play' : 'upload', signal);
  if (asked.kind === 'whole' || first === undefined) {
    return {
      status: 200,
      headers: { ...usual, 'Content-Type': type, 'Content-Length': length },
      ...(request.method === 'GET' && { body: body(ranges) }),
    };
  }
  if (more.length === 0) {
    const contentRange = `bytes ${first.start}-${first.end - 1}/${length}`;
    return {
      status: 206,
      headers: {
        ...usual,
        'Content-Type': type,
        'Content-Range': contentRange,
        'Content-Length': first.end - first.start,
      },
      body: body(ranges),
    };
  }
  const boundary = manner.boundary();
  const parts = multipart(ranges, type, length, boundary);
  return {
    status: 206,
    headers: {
      ...usual,
      'Content-Type': `multipart/byteranges; boundary=${boundary}`,
      'Content-Length': parts.reduce(
        (sum, part) => sum + (part instanceof Uint8Array ? part.length : lengthOf(part)),
        0,
      ),
    },
    body: body(parts),
  };
}

type Part = Uint8Array | ByteRange;

const lengthOf = ({ start, end }: ByteRange): number => end - start;

function rangesOf(asked: AskedRanges, length: number, most: number | undefined): readonly ByteRange[] {
  if (asked.kind !== 'some') return [{ start: 0, end: length }];
  if (!asked.openEnded || most === undefined) return asked.ranges;
  return asked.ranges.map(({ start, end }) => ({ start, end: Math.min(end, start + most) }));
}

/** Several ranges in one body (RFC 9110, 14.6). */
function multipart(ranges: readonly ByteRange[], type: string, length: number, boundary: string): readonly Part[] {
  const text = new TextEncoder();
  const parts: Part[] = ranges.flatMap((range, i) => [
    text.encode(
      `${i === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${range.start}-${range.end - 1}/${length}\r\n\r\n`,
    ),
    range,
  ]);
  return [...parts, text.encode(`\r\n--${boundary}--\r\n`)];
}

async function* partsOf(
  file: ContentFile,
  parts: readonly Part[],
  reads: Reads,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = file.open(reads);
  try {
    for (const part of parts) {
      if (part instanceof Uint8Array) {
        yield part;
        continue;
      }
      for (let at = part.start; at < part.end;) {
        const data = await reader.read(at, Math.min(CHUNK, part.end - at), signal);
        at += data.length;
        yield data;
      }
    }
  } finally {
    reader.close();
  }
}
