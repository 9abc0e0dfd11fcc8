import { type ReactNode, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { useActions, useBridge, useDownload } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { FolderField } from '../add/folder-field.tsx';

/** Asks where the torrent file is to be saved. */
export function ExportDialog(props: { readonly torrent: TorrentKey; readonly onClose: () => void }): ReactNode {
  const { torrent, onClose } = props;
  const actions = useActions();
  const download = useDownload(torrent);
  const usual = useBridge((state) => state.app?.settings.folder ?? '');
  const [folder, setFolder] = useState(usual);
  const [tried, setTried] = useState(false);
  const words = text.exportTorrent;
  const error = folder.trim() === '' ? text.add.errors.folder : undefined;
  const submit = (): void => {
    setTried(true);
    if (error !== undefined) return;
    actions.exportTorrent(torrent, folder.trim());
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(download?.name ?? '')}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.save} />}
    >
      <FolderField label={words.folder} value={folder} error={tried ? error : undefined} onChange={setFolder} />
    </Dialog>
  );
}
