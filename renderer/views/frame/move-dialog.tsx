import { type ReactNode, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { format } from '../../format/format.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { useActions } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { SaveIn } from '../add/save-in.tsx';
import { useDownloads } from '../list/use-listed.ts';

/** Asks where the files of some downloads are to go. */
export function MoveDialog(props: { readonly keys: readonly TorrentKey[]; readonly onClose: () => void }): ReactNode {
  const { keys, onClose } = props;
  const actions = useActions();
  const downloads = useDownloads().filter((one) => keys.includes(one.key));
  const [first] = downloads;
  const [folder, setFolder] = useState(first?.options.output ?? '');
  const [tried, setTried] = useState(false);
  const words = text.move;
  const count = downloads.length;
  const error = folder.trim() === '' ? text.add.errors.folder : undefined;
  const submit = (): void => {
    setTried(true);
    if (error !== undefined) return;
    actions.move(keys, folder.trim());
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(count, first?.name ?? '', format.count(count))}
      subtitle={words.hint}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.confirm} />}
    >
      <SaveIn label={words.folder} value={folder} need={0} error={tried ? error : undefined} onChange={setFolder} />
    </Dialog>
  );
}
