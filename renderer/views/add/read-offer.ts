import { messageOf } from '../../../core/base/errors.ts';
import { type ListedFile, unpackFiles } from '../../../core/base/packed-files.ts';
import type { BridgeClient, Preview } from '../../../core/bridge/contract.ts';
import type { Source } from '../../../core/engine/engine.ts';
import type { Offered } from '../../stores/batches.ts';

/** A torrent with its files, which are unpacked when they are first looked at: there may be hundreds of thousands. */
export type ReadPreview = Omit<Preview, 'files'> & { readonly files: readonly ListedFile[] };

/** What a torrent holds, according to the program. Rejects with a sentence. */
export async function readOffer(
  client: Pick<BridgeClient, 'call'>,
  offer: Offered,
): Promise<{ readonly preview: ReadPreview; readonly source: Source }> {
  const source = await offer.read(client);
  const packed = await client.call('preview', { source });
  let files: readonly ListedFile[] | undefined;
  const preview = {
    ...packed,
    get files() {
      return (files ??= unpackFiles(packed.files));
    },
  };
  return { preview, source };
}

/** A refusal that says which file it is about, where the sentence does not. */
export function namedRefusal(error: unknown, { fileName }: Offered): string {
  const message = messageOf(error);
  return fileName === null || message.includes(fileName) ? message : `“${fileName}”: ${message}`;
}
