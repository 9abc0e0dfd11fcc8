import { type ReactNode, useEffect, useState } from 'react';
import type { FolderInfo } from '../../../core/bridge/contract.ts';
import { format } from '../../format/format.ts';
import { useBridge, useServices } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { FolderField } from './folder-field.tsx';

/** After this pause in typing the folder is looked at, in milliseconds. */
const PAUSE = 250;
/** How many of the recent folders there is room for. */
const MOST_SHOWN = 3;
const NONE: readonly string[] = [];
const words = text.add;

/** Chooses where to save, and shows how much space is free there. */
export function SaveIn(props: {
  readonly label?: string;
  readonly value: string;
  /** Bytes that the download will take. */
  readonly need: number;
  readonly error: string | undefined;
  readonly onChange: (folder: string) => void;
}): ReactNode {
  const { label = words.folder, value, need, error, onChange } = props;
  const info = useFolderInfo(value);
  const short =
    typeof info?.free === 'number' && info.free < need
      ? words.tooSmall(format.bytes(need), format.bytes(info.free))
      : undefined;
  const free = info === undefined ? '' : info.free === null ? words.freeUnknown : words.free(format.bytes(info.free));
  return (
    <>
      <FolderField
        label={label}
        value={value}
        // An empty hint keeps the fields below in place.
        hint={free === '' ? '\u00a0' : free}
        error={error ?? info?.problem ?? short}
        onChange={onChange}
      />
      <Recent value={value} onChange={onChange} />
    </>
  );
}

/** Folders of the last downloads, one click away. */
function Recent({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (folder: string) => void;
}): ReactNode {
  const recent = useBridge((state) => state.app?.settings.recentFolders ?? NONE);
  const others = recent.filter((one) => one !== value).slice(0, MOST_SHOWN);
  if (others.length === 0) return null;
  return (
    <div className={styles['recent']} role="group" aria-label={words.recent}>
      {others.map((one) => (
        <button key={one} type="button" className={styles['link']} title={one} onClick={() => onChange(one)}>
          {one}
        </button>
      ))}
    </div>
  );
}

/** What the program says of a folder; undefined until it has answered. */
function useFolderInfo(folder: string): FolderInfo | undefined {
  const { client } = useServices();
  const [info, setInfo] = useState<FolderInfo>();
  useEffect(() => {
    if (folder.trim() === '') return;
    let current = true;
    const timer = setTimeout(() => {
      client.call('folderInfo', { folder: folder.trim() }).then(
        (found) => current && setInfo(found),
        // The field's own check says what is wrong with the folder.
        () => current && setInfo(undefined),
      );
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, folder]);
  return info;
}
