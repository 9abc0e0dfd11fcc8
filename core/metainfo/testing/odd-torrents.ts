import { expect } from 'vitest';
import type { Info } from '../torrent.ts';

const HASH = 'h'.repeat(20);
/** Torrents of which much is not as it should be. */
export const ODD_TORRENTS = [
  `d8:encoding3:GBK4:infod5:filesld4:attr1:p6:lengthi3eed6:lengthi05e4:pathl2:..0:5:a/b\\ce6:lengthi9eed6:lengthi1e4:pathl2:..eee` +
    `4:name4:\xd6\xd0/.12:piece lengthi16384e6:pieces20:${HASH}ee\n`,
  `d8:url-listi3e4:infod6:pieces20:${HASH}12:piece lengthi16384e4:name3:CON6:lengthi5e4:name1:x7:privatel1:xee13:announce-listd1:ai1eee`,
].map((data) => Uint8Array.from(data, (c) => c.charCodeAt(0)));

/** No path leads out, and no two are one. */
export function expectSafePaths({ files }: Pick<Info, 'files'>): void {
  const paths = files.filter(({ padding }) => !padding).map(({ path }) => path.join('/'));
  for (const path of paths) expect(path).not.toMatch(/(^|\/)(\.{0,2})(\/|$)|\0/);
  expect(new Set(paths).size).toBe(paths.length);
}
