import { type ReactNode, useRef, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { text } from '../../texts/en.ts';
import { isSound } from '../files/may-play.ts';
import styles from './player-dialog.module.css';

const words = text.player;

/** The browser's own player for a file of a download, which may still be coming. */
export function PlayerDialog(props: {
  /** Of the file. */
  readonly name: string;
  readonly url: string;
  readonly onClose: () => void;
}): ReactNode {
  const { name, url, onClose } = props;
  const [state, setState] = useState<'waits' | 'plays' | 'failed'>('waits');
  const close = useRef<HTMLButtonElement>(null);
  const player = {
    src: url,
    controls: true,
    autoPlay: true,
    'aria-label': words.player(name),
    onPlaying: () => setState('plays'),
    onWaiting: () => setState('waits'),
    onError: () => setState('failed'),
  };
  return (
    <Dialog
      open
      width="large"
      onClose={onClose}
      title={name}
      initialFocus={close}
      footer={
        <>
          <p className={styles['state']} role="status">
            {words[state]}
          </p>
          <Button ref={close} onClick={onClose}>
            {text.close}
          </Button>
        </>
      }
    >
      {isSound(name) ? (
        <audio {...player} className={styles['sound']} />
      ) : (
        <video {...player} className={styles['film']} />
      )}
    </Dialog>
  );
}
