import { type ReactNode, useEffect, useState } from 'react';
import { messageOf } from '../../../core/base/errors.ts';
import type { Preview } from '../../../core/bridge/contract.ts';
import { useBridge, useServices } from '../../stores/context.tsx';
import { type Offer, offerDone, say, selectOnly } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { AddForm } from './add-form.tsx';

/** Reads a torrent that was dropped, chosen or pasted, and asks how to download it. Anything else is refused. */
export function AddDialog({ offer, waiting }: { readonly offer: Offer; readonly waiting: number }): ReactNode {
  const { client } = useServices();
  const settings = useBridge((state) => state.app?.settings);
  const [preview, setPreview] = useState<Preview>();
  useEffect(() => {
    let current = true;
    client.call('preview', { source: offer.source }).then(
      (found) => {
        if (!current) return;
        if (!found.present) {
          setPreview(found);
          return;
        }
        selectOnly(found.key);
        say({ tone: 'bad', message: text.refuse.present(found.name) });
        offerDone(offer.id);
      },
      (error: unknown) => {
        if (!current) return;
        const what = offer.fileName === null ? '' : `“${offer.fileName}”: `;
        say({ tone: 'bad', message: `${what}${messageOf(error)}` });
        offerDone(offer.id);
      },
    );
    return () => {
      current = false;
    };
  }, [client, offer]);
  if (!preview || !settings) return null;
  return <AddForm offer={offer} preview={preview} settings={settings} waiting={waiting} />;
}
