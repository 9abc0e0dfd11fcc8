import { messageOf } from '../../../core/base/errors.ts';
import type { BridgeClient, Preview } from '../../../core/bridge/contract.ts';
import type { Source } from '../../../core/engine/engine.ts';
import type { Offered } from '../../stores/batches.ts';

/** What a torrent holds, according to the program. Rejects with a sentence. */
export async function readOffer(
  client: Pick<BridgeClient, 'call'>,
  offer: Offered,
): Promise<{ readonly preview: Preview; readonly source: Source }> {
  const source = await offer.read(client);
  return { preview: await client.call('preview', { source }), source };
}

/** A refusal that says which file it is about, where the sentence does not. */
export function namedRefusal(error: unknown, { fileName }: Offered): string {
  const message = messageOf(error);
  return fileName === null || message.includes(fileName) ? message : `“${fileName}”: ${message}`;
}
