import { type ReactNode, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { format } from '../../format/format.ts';
import { Check } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { useActions } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { useDownloads } from '../list/use-listed.ts';
import styles from './dialogs.module.css';

/** Asks whether the files go too; keeps them unless told otherwise, here or by what opened it. */
export function RemoveDialog(props: {
  readonly keys: readonly TorrentKey[];
  readonly data: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { keys, onClose } = props;
  const [data, setData] = useState(props.data);
  const actions = useActions();
  const downloads = useDownloads().filter((one) => keys.includes(one.key));
  const words = text.remove;
  const count = downloads.length;
  const demo = downloads.every((one) => one.demo);
  const [keep, gone] = count === 1 ? [words.keep, words.gone] : [words.keepSeveral, words.goneSeveral];
  const submit = (): void => {
    actions.remove(keys, data);
    onClose();
  };
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={words.title(count, downloads[0]?.name ?? '', format.count(count))}
      subtitle={demo ? words.demo : data ? gone : keep}
      onSubmit={submit}
      footer={
        <DialogActions
          onCancel={onClose}
          confirm={data ? words.confirmData : words.confirm}
          tone={data ? 'danger' : 'primary'}
        />
      }
    >
      {count > 1 && (
        <ul className={styles['names']}>
          {downloads.map((one) => (
            <li key={one.key}>{one.name}</li>
          ))}
        </ul>
      )}
      {!demo && (
        <div className={styles['block']}>
          <Check label={words.data} hint={data ? words.dataHint : undefined} checked={data} onChange={setData} />
        </div>
      )}
    </Dialog>
  );
}
