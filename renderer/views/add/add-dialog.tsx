import { type ReactNode, useEffect, useState } from 'react';
import type { Offer } from '../../stores/batches.ts';
import { useBridge, useServices } from '../../stores/context.tsx';
import { batchDone, say, selectOnly } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { AddForm } from './add-form.tsx';
import { MoreFiles } from './more-files.tsx';
import { namedRefusal, readOffer } from './read-offer.ts';

/** Reads a torrent that was dropped, chosen or pasted, and asks how to download it. Anything else is refused. */
export function AddDialog(props: {
  readonly batch: number;
  readonly offer: Offer;
  readonly waiting: number;
}): ReactNode {
  const { batch, offer, waiting } = props;
  const { client } = useServices();
  const settings = useBridge((state) => state.app?.settings);
  const [found, setFound] = useState<Awaited<ReturnType<typeof readOffer>>>();
  useEffect(() => {
    let current = true;
    readOffer(client, offer).then(
      (read) => {
        if (!current) return;
        if (!read.preview.present) {
          setFound(read);
          return;
        }
        selectOnly(read.preview.key);
        say({ tone: 'bad', message: text.refuse.present(read.preview.name) });
        batchDone(batch);
      },
      (error: unknown) => {
        if (!current) return;
        say({ tone: 'bad', message: namedRefusal(error, offer) });
        batchDone(batch);
      },
    );
    return () => {
      current = false;
    };
  }, [client, batch, offer]);
  if (!found || !settings) return null;
  if (found.preview.more) return <MoreFiles {...found} onDone={() => batchDone(batch)} />;
  return <AddForm {...found} settings={settings} waiting={waiting} onDone={() => batchDone(batch)} />;
}
