import { type ReactNode, useRef, useState } from 'react';
import { messageOf } from '../../../core/base/errors.ts';
import type { Source } from '../../../core/engine/engine.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useServices } from '../../stores/context.tsx';
import { selectOnly } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { useDownloads } from '../list/use-listed.ts';
import styles from './add-form.module.css';
import type { ReadPreview } from './read-offer.ts';

const words = text.add;

/** Asks whether the files that a link chooses are wanted, too, of a torrent that is there: all else is decided already. */
export function MoreFiles(props: {
  readonly source: Source;
  readonly preview: ReadPreview;
  readonly onDone: () => void;
}): ReactNode {
  const { source, preview, onDone } = props;
  const { client } = useServices();
  const [refused, setRefused] = useState<string>();
  const download = useDownloads().find((one) => one.key === preview.key);
  const go = useRef<HTMLButtonElement>(null);
  const submit = (): void => {
    if (download === undefined) return;
    client.call('add', { source, options: { output: download.options.output } }).then(
      () => {
        selectOnly(preview.key);
        onDone();
      },
      (error: unknown) => setRefused(messageOf(error)),
    );
  };
  return (
    <Dialog
      open
      width="narrow"
      onClose={onDone}
      title={words.addFiles.title(download?.name ?? preview.name)}
      subtitle={words.addFiles.what}
      initialFocus={go}
      onSubmit={submit}
      footer={
        <>
          <span className={styles['note']} />
          <Button onClick={onDone}>{words.cancel}</Button>
          <Button ref={go} type="submit" tone="primary">
            {words.download}
          </Button>
        </>
      }
    >
      {refused !== undefined && (
        <div className={styles['refused']} role="alert">
          <p>{refused}</p>
        </div>
      )}
    </Dialog>
  );
}
