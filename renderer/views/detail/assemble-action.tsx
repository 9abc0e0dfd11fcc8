import { FolderOpen, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { canAssemble } from '../../stores/actions.ts';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import styles from './assemble-action.module.css';

const moving = { ...text.move, button: text.stateNames.moving };

/**
 * The next step, always top right: how many pieces are missing, then the accented button, then the assembly's progress, then "Show
 * in folder" in its place.
 */
export function AssembleAction(props: {
  readonly download: DownloadView;
  /** Stands to the left of its button. */
  readonly before: ReactNode;
}): ReactNode {
  const { download, before } = props;
  const words = text.detail.assemble;
  const actions = useActions();
  const showsFiles = useBridge((state) => state.app?.app.shell.showsFiles ?? false);
  const { key, state, result } = download;
  const hint = hintOf(download);
  let button: ReactNode;
  if (state === 'moving') {
    button = <Working work={download.work ?? 0} words={moving} onCancel={() => actions.cancelMove(key)} />;
  } else if (result !== null) {
    button = showsFiles ? (
      <Button tone="primary" icon={<FolderOpen />} onClick={() => actions.reveal(key)}>
        {words.reveal}
      </Button>
    ) : (
      <span className={styles['place']} title={result[0]}>
        {words.at} {folderOf(result[0] ?? '')}
      </span>
    );
  } else if (state === 'assembling') {
    button = <Working work={download.work ?? 0} words={words} onCancel={() => actions.cancelAssembly(key)} />;
  } else {
    const ready = canAssemble(download);
    // With one identity it happens by itself, unless the user wanted otherwise.
    button =
      !ready && download.options.identities === 1 ? null : (
        <Button
          tone={ready ? 'primary' : 'plain'}
          disabled={!ready}
          aria-describedby="assemble-hint"
          onClick={() => actions.assemble(key)}
        >
          {words.button}
        </Button>
      );
  }
  return (
    <div className={styles['action']}>
      <div className={styles['buttons']}>
        {before}
        {button}
      </div>
      <div id="assemble-hint" className={styles['hint']} aria-live="polite">
        {hint}
      </div>
    </div>
  );
}

/** How far it is, and a way to stop it. */
function Working({ work, words, onCancel }: WorkingProps): ReactNode {
  return (
    <span className={styles['working']}>
      <span
        className={styles['progress']}
        role="progressbar"
        aria-label={words.button}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(work * 100)}
      >
        <span className={styles['done']} style={{ width: `${work * 100}%` }} />
        <span className={styles['percent']}>{words.progress(format.percent(work))}</span>
      </span>
      <IconButton label={words.cancel} icon={<X />} onClick={onCancel} />
    </span>
  );
}

interface WorkingProps {
  /** 0 to 1. */
  readonly work: number;
  readonly words: { readonly button: string; readonly cancel: string; progress(percent: string): string };
  readonly onCancel: () => void;
}

function hintOf(one: DownloadView): string {
  const words = text.detail.assemble;
  if (one.result !== null) {
    const result = words.result(one.result.length, format.count(one.result.length), format.count(one.piecesHave));
    return one.assembledIn === null ? result : words.took(result, format.brief(one.assembledIn));
  }
  if (one.piecesTotal === 0) return words.waiting;
  if (one.piecesToGo > 0) return words.toGo(one.piecesToGo, format.count(one.piecesToGo));
  return words.ready;
}

/** The folder of a path, by either kind of slash. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')));
}
