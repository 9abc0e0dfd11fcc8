/** A request without a body, as it came. */
export interface PlainRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads the requests of one connection to a simulated server, which may come in parts, or several at once. */
export class RequestReader {
  #text = '';

  /** Returns those that are complete now. */
  push(data: Uint8Array): PlainRequest[] {
    const heads = (this.#text + String.fromCharCode(...data)).split('\r\n\r\n');
    this.#text = heads.pop() ?? '';
    return heads.map(parse);
  }
}

function parse(head: string): PlainRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { method, target, headers };
}
