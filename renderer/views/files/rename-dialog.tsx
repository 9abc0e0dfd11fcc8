import { type FocusEvent, type ReactNode, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useActions } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';

/** Asks for another name of a file, a folder or a download (`path`: ''). */
export function RenameDialog(props: {
  readonly torrent: TorrentKey;
  readonly path: string;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const { torrent, path, name, onClose } = props;
  const actions = useActions();
  return (
    <NameDialog
      name={name}
      hint={text.detail.files.rename.hint}
      onName={(wished) => wished !== name && actions.rename(torrent, path, wished)}
      onClose={onClose}
    />
  );
}

/** Asks for a name that a file or folder can have. */
export function NameDialog(props: {
  readonly name: string;
  readonly hint: string;
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { name, hint, onName, onClose } = props;
  const [typed, setTyped] = useState(name);
  const [tried, setTried] = useState(false);
  const words = text.detail.files.rename;
  const wished = typed.trim();
  const wrong = wished === '' || wished === '.' || wished === '..' || wished.includes('/');
  const submit = (): void => {
    setTried(true);
    if (wrong) return;
    onName(wished);
    onClose();
  };
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={words.title(name)}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.confirm} />}
    >
      <Field label={words.label} hint={hint} error={tried && wrong ? words.wrong : undefined}>
        {(ids) => <TextInput {...ids} value={typed} onFocus={selectStem} onText={setTyped} />}
      </Field>
    </Dialog>
  );
}

/** What is typed first is another name with the same extension. */
function selectStem({ currentTarget }: FocusEvent<HTMLInputElement>): void {
  const dot = currentTarget.value.lastIndexOf('.');
  currentTarget.setSelectionRange(0, dot > 0 ? dot : currentTarget.value.length);
}
