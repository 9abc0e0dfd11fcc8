import { type ReactNode, useState } from 'react';
import { messageOf } from '../../../core/base/errors.ts';
import { isWholePath } from '../../../core/base/whole-path.ts';
import type { MadeTorrent } from '../../../core/bridge/contract.ts';
import { firstOptions } from '../../../core/engine/first-options.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import dialog from '../../parts/dialog.module.css';
import { useBridge, useServices } from '../../stores/context.tsx';
import { say, sayError, selectAdded } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { FolderField } from '../add/folder-field.tsx';
import settings from '../settings/settings-dialog.module.css';
import { CreateFields } from './create-fields.tsx';
import { choicesOf, type CreateForm, FIRST } from './create-form.ts';
import styles from './create.module.css';

const words = text.create;

/** Makes a torrent of a file or folder: what it is to be like, how far it is, and what to do with it. */
export function CreateDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { client } = useServices();
  const [form, setForm] = useState<CreateForm>(FIRST);
  const [tried, setTried] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<MadeTorrent>();
  const edit = (changes: Partial<CreateForm>): void => {
    setRefusal(undefined);
    setForm((now) => ({ ...now, ...changes }));
  };
  const path = form.path.trim();
  const wrong = isWholePath(path) ? undefined : words.pathWrong;
  const close = (): void => {
    if (busy) client.call('cancelMaking', null).catch(sayError);
    onClose();
  };
  if (made !== undefined) return <MadeDialog made={made} onClose={onClose} />;
  const submit = (): void => {
    setTried(true);
    if (wrong !== undefined || busy) return;
    setBusy(true);
    setRefusal(undefined);
    client
      .call('makeTorrent', { path, choices: choicesOf(form) })
      .then(setMade, (error: unknown) => setRefusal(messageOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      open
      onClose={close}
      title={words.title}
      onSubmit={submit}
      footer={<DialogActions onCancel={close} confirm={words.create} disabled={busy} />}
    >
      {busy ? <Progress /> : <CreateFields form={form} pathError={tried ? wrong : undefined} onChange={edit} />}
      {refusal !== undefined && (
        <p className={styles['refusal']} role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}

function Progress(): ReactNode {
  const making = useBridge((state) => state.app?.making);
  const share = making && making.length > 0 ? making.done / making.length : 0;
  const said =
    making && making.length > 0 ? words.hashing(format.bytes(making.done), format.bytes(making.length)) : words.looking;
  return (
    <div className={styles['progress']}>
      <progress aria-label={words.title} max={1} value={share} />
      <p className={settings['hint']}>{said}</p>
    </div>
  );
}

/** What was made: it can be saved, as often as one likes, and seeded. */
function MadeDialog({ made, onClose }: { readonly made: MadeTorrent; readonly onClose: () => void }): ReactNode {
  const { client } = useServices();
  const now = useBridge((state) => state.app?.settings);
  const [folder, setFolder] = useState(made.folder);
  const wrong = isWholePath(folder.trim()) ? undefined : text.add.errors.folder;
  const save = (): void => {
    if (wrong !== undefined) return;
    client
      .call('saveTorrent', { folder: folder.trim(), name: made.name, data: made.data })
      .then((path) => say({ tone: 'ok', message: words.saved(path) }), sayError);
  };
  const seed = (): void => {
    if (now === undefined) return;
    const options = { ...firstOptions(now), identities: 1, output: made.folder };
    client.call('add', { source: { kind: 'torrent', data: made.data }, options }).then((key) => {
      selectAdded(key);
      say({ tone: 'ok', message: words.seeding(made.name) });
      onClose();
    }, sayError);
  };
  const { files, length, pieceCount, pieceLength } = made;
  return (
    <Dialog
      open
      onClose={onClose}
      title={made.name}
      subtitle={words.made(
        files === 1 ? words.oneFile : words.files(format.count(files)),
        format.bytes(length),
        pieceCount === 1 ? words.onePiece : words.pieces(format.count(pieceCount)),
        format.pieceLength(pieceLength),
      )}
      onSubmit={save}
      footer={
        <>
          <Button onClick={onClose}>{words.close}</Button>
          <span className={dialog['space']} />
          <Button onClick={seed}>{words.seed}</Button>
          <Button type="submit" tone="primary">
            {words.save}
          </Button>
        </>
      }
    >
      <p className={styles['hash']}>
        {words.hash}: <code>{made.infoHash}</code>
      </p>
      <FolderField label={words.saveIn} value={folder} error={wrong} onChange={setFolder} />
    </Dialog>
  );
}
