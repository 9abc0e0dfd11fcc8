import { FolderSearch, RotateCw, Trash2, Wrench } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { Button } from '../../parts/button.tsx';
import { useActions } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { useFolderChoice } from '../add/use-folder-choice.tsx';
import styles from './head.module.css';

const words = text.detail.trouble;

/** Why a download cannot go on, and what can be done there. */
export function Trouble({ download }: { readonly download: DownloadView }): ReactNode {
  const { error } = download;
  if (error === null) return null;
  return (
    <div className={styles['trouble']} role="alert">
      <p className={styles['error']}>{error.message}</p>
      <div className={styles['ways']} role="group" aria-label={words.label}>
        {download.state === 'missing-files' ? <Missing download={download} /> : <Failed download={download} />}
      </div>
    </div>
  );
}

function Missing({ download }: { readonly download: DownloadView }): ReactNode {
  const { key, options } = download;
  const actions = useActions();
  const { choose, browser } = useFolderChoice(
    options.output,
    (output) => actions.reopen(key, { output, found: true }),
    words.locating,
  );
  return (
    <>
      <Button tone="primary" icon={<FolderSearch />} onClick={choose}>
        {words.locate}
      </Button>
      <Button icon={<RotateCw />} onClick={() => actions.resume([key])}>
        {words.again}
      </Button>
      <Button icon={<Trash2 />} onClick={() => actions.remove([key], false)}>
        {words.forget}
      </Button>
      {browser}
    </>
  );
}

function Failed({ download }: { readonly download: DownloadView }): ReactNode {
  const { key, error, options } = download;
  const actions = useActions();
  const { choose, browser } = useFolderChoice(
    options.output,
    (output) => actions.reopen(key, { output, found: false }),
    words.moving,
  );
  const code = error?.code;
  const ofFolder = code === 'disk' || code === 'exists';
  return (
    <>
      {code === 'exists' && (
        <Button tone="primary" icon={<Wrench />} onClick={() => actions.reopen(key, { reuse: true })}>
          {words.reuse}
        </Button>
      )}
      {ofFolder && (
        <Button icon={<FolderSearch />} onClick={choose}>
          {words.elsewhere}
        </Button>
      )}
      <Button tone={ofFolder ? 'plain' : 'primary'} icon={<RotateCw />} onClick={() => actions.resume([key])}>
        {words.retry}
      </Button>
      {browser}
    </>
  );
}
