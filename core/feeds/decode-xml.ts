/** So far in a document its declaration is looked for. */
const HEAD = 200;

/** The text of an XML document, in the encoding that its first bytes or its declaration tell, else in UTF-8. */
export function decodeXml(data: Uint8Array): string {
  const [a, b] = data;
  if (a === 0xfe && b === 0xff) return decoded(data, 'utf-16be');
  if (a === 0xff && b === 0xfe) return decoded(data, 'utf-16le');
  const head = String.fromCharCode(...data.subarray(0, HEAD));
  const [, label = 'utf-8'] = /^[^<]{0,8}<\?xml[^>]{0,150}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head) ?? [];
  // A document whose declaration could be read so far is no UTF-16.
  return decoded(data, /^utf-?16/i.test(label) ? 'utf-8' : label);
}

function decoded(data: Uint8Array, label: string): string {
  let decoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    decoder = new TextDecoder();
  }
  return decoder.decode(data);
}
