import { type ReactNode, useState } from 'react';
import { parseEndpoint } from '../../../core/base/endpoint.ts';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useActions, useDownload } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';

/** Asks for a peer to try. */
export function PeerDialog(props: { readonly torrent: TorrentKey; readonly onClose: () => void }): ReactNode {
  const { torrent, onClose } = props;
  const actions = useActions();
  const download = useDownload(torrent);
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const words = text.peer;
  const endpoint = parseEndpoint(typed.trim());
  const submit = (): void => {
    setTried(true);
    if (endpoint === undefined) return;
    actions.addPeers(torrent, [endpoint]);
    onClose();
  };
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={words.title(download?.name ?? '')}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.add} />}
    >
      <Field label={words.label} hint={words.hint} error={tried && endpoint === undefined ? words.wrong : undefined}>
        {(ids) => <TextInput {...ids} value={typed} onText={setTyped} />}
      </Field>
    </Dialog>
  );
}
