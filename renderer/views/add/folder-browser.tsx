import { CornerLeftUp, Folder } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { messageOf } from '../../../core/base/errors.ts';
import type { FolderList } from '../../../core/bridge/contract.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useServices } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import styles from './folder-browser.module.css';

const words = text.add.browser;

/** Chooses a folder on the computer where the program runs. */
export function FolderBrowser(props: {
  readonly start: string;
  readonly title?: string;
  readonly confirm?: string;
  readonly onChoose: (folder: string) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { start, title = words.title, confirm = words.choose, onChoose, onClose } = props;
  const { client } = useServices();
  const [folder, setFolder] = useState<string | null>(start === '' ? null : start);
  const [list, setList] = useState<FolderList>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    client.call('browse', { folder }).then(
      (found) => {
        if (!current) return;
        setList(found);
        setProblem(undefined);
      },
      (error: unknown) => {
        if (!current) return;
        setProblem(messageOf(error));
        // The folder that was typed may not exist yet: begin at the top.
        if (folder === start) setFolder(null);
      },
    );
    return () => {
      current = false;
    };
  }, [client, folder, start]);
  const here = list?.folder ?? null;
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={title}
      subtitle={<span className={styles['path']}>{here ?? words.roots}</span>}
      onSubmit={() => here !== null && onChoose(here)}
      footer={
        <>
          <span className={styles['free']}>
            {typeof list?.free === 'number' ? text.add.free(format.bytes(list.free)) : ''}
          </span>
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button type="submit" tone="primary" disabled={here === null}>
            {confirm}
          </Button>
        </>
      }
    >
      <ul className={styles['list']} aria-label={words.roots}>
        {here !== null && (
          <li>
            <button type="button" className={styles['entry']} onClick={() => setFolder(list?.parent ?? null)}>
              <CornerLeftUp aria-hidden="true" />
              {words.up}
            </button>
          </li>
        )}
        {list?.folders.map((one) => (
          <li key={one.path}>
            <button type="button" className={styles['entry']} onClick={() => setFolder(one.path)}>
              <Folder aria-hidden="true" />
              {one.name}
            </button>
          </li>
        ))}
        {list?.folders.length === 0 && <li className={styles['none']}>{words.empty}</li>}
        {list === undefined && problem === undefined && <li className={styles['none']}>{words.loading}…</li>}
      </ul>
      {problem !== undefined && (
        <p className={styles['problem']} role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}
