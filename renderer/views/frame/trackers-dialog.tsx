import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { useActions, useDownload, useServices } from '../../stores/context.tsx';
import { sayError } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { readTiers, writeTiers } from '../../../core/base/tracker-tiers.ts';

/** Changes the trackers of a download. */
export function TrackersDialog(props: { readonly torrent: TorrentKey; readonly onClose: () => void }): ReactNode {
  const { torrent, onClose } = props;
  const { client } = useServices();
  const actions = useActions();
  const download = useDownload(torrent);
  const [typed, setTyped] = useState<string>();
  const area = useRef<HTMLTextAreaElement>(null);
  const words = text.trackers;
  useEffect(() => {
    client.call('links', { key: torrent }).then(
      // It ends with an empty line, on which one more can be typed at once.
      ({ trackers }) => setTyped((now) => now ?? (trackers.length === 0 ? '' : `${writeTiers(trackers)}\n\n`)),
      sayError,
    );
  }, [client, torrent]);
  const loaded = typed !== undefined;
  useEffect(() => {
    const { current } = area;
    if (loaded && current !== null) current.setSelectionRange(current.value.length, current.value.length);
  }, [loaded]);
  const submit = (): void => {
    if (typed !== undefined) actions.setTrackers(torrent, readTiers(typed));
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(download?.name ?? '')}
      subtitle={download?.private === true ? words.private : undefined}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.save} disabled={typed === undefined} />}
    >
      <Field label={words.label} hint={words.hint}>
        {(ids) => (
          <textarea
            {...ids}
            ref={area}
            className={`${field['input']} ${field['area']}`}
            rows={8}
            spellCheck={false}
            value={typed ?? ''}
            // Not disabled: it has the focus while it waits.
            readOnly={typed === undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
