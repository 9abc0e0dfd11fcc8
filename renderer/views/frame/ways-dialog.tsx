import { type ReactNode, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { identitiesWith } from '../../../core/engine/first-options.ts';
import { format } from '../../format/format.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { useActions, useDownload } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { LinkChoice } from '../add/link-choice.tsx';
import type { ChosenWays } from '../add/link-facts.ts';
import field from '../../parts/field.module.css';

/** Chooses anew by which links a download leaves, whether it runs or not. */
export function WaysDialog(props: { readonly torrent: TorrentKey; readonly onClose: () => void }): ReactNode {
  const { torrent, onClose } = props;
  const actions = useActions();
  const download = useDownload(torrent);
  const [changed, setChanged] = useState<ChosenWays>();
  if (download === undefined) return null;
  const { links, bind, identities } = download.options;
  const chosen = changed ?? { links, bind };
  const count = identitiesWith(identities, { links, bind }, chosen);
  const words = text.ways;
  const submit = (): void => {
    if (changed !== undefined) actions.change([torrent], changed);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(download.name)}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.save} disabled={changed === undefined} />}
    >
      <LinkChoice
        chosen={chosen}
        several={count > 1}
        onChange={(changes) => setChanged({ links: chosen.links, bind: chosen.bind, ...changes })}
      />
      {count !== identities && (
        <p className={field['hint']} role="status">
          {words.identities(count, format.count(count))}
        </p>
      )}
    </Dialog>
  );
}
