import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { IconButton } from '../../parts/icon-button.tsx';
import { useActions } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { ratioOf } from '../../stores/figures.ts';
import styles from './info-tab.module.css';
import table from './table.module.css';

const words = text.detail.info;

/** What a download is and has come to, over all runs of the program. */
export function InfoTab({ download: one }: { readonly download: DownloadView }): ReactNode {
  const actions = useActions();
  const received = format.bytes(one.downloaded);
  return (
    <div className={table['scroll']} tabIndex={0} role="group" aria-label={words.label}>
      <dl className={styles['facts']}>
        <Fact name={words.folder}>{one.options.output}</Fact>
        {hashesOf(one).map(([name, copy, hash]) => (
          <Fact key={name} name={name}>
            <code className={styles['hash']}>{hash}</code>
            <IconButton tone="quiet" label={copy} icon={<Copy />} onClick={() => actions.copy(hash)} />
          </Fact>
        ))}
        {one.servedAt !== null && <ServedAt url={one.servedAt} />}
        {one.comment !== null && <Fact name={words.comment}>{one.comment}</Fact>}
        {(one.created !== null || one.createdBy !== null) && (
          <Fact name={words.made}>{words.madeBy(one.created && dateOf(one.created), one.createdBy)}</Fact>
        )}
        {one.bytesWanted < one.bytesTotal && (
          <Fact name={words.size}>{words.wanted(format.bytes(one.bytesWanted), format.bytes(one.bytesTotal))}</Fact>
        )}
        <Fact name={words.added}>{dateOf(one.added)}</Fact>
        {one.finished !== null && <Fact name={words.finished}>{dateOf(one.finished)}</Fact>}
        <Fact name={words.active}>{format.span(one.active)}</Fact>
        <Fact name={words.received}>
          {one.wasted > 0 ? `${received}, ${words.wasted(format.bytes(one.wasted))}` : received}
        </Fact>
        <Fact name={words.sent}>{format.bytes(one.uploaded)}</Fact>
        <Fact name={words.ratio}>{format.ratio(ratioOf(one))}</Fact>
      </dl>
    </div>
  );
}

function ServedAt({ url }: { readonly url: string }): ReactNode {
  const actions = useActions();
  return (
    <Fact name={words.servedAt}>
      <code className={styles['hash']}>{url}</code>
      <IconButton tone="quiet" label={words.copyUrl} icon={<Copy />} onClick={() => actions.copy(url)} />
    </Fact>
  );
}

/** Each of its info-hashes with its name and what copies it: a hybrid has two. */
function hashesOf({ infoHash, infoHashV1: v1, infoHashV2: v2 }: DownloadView): (readonly [string, string, string])[] {
  const { menu } = text.list;
  if (v1 === null || v2 === null) return [[words.hash, words.copy, infoHash]];
  return [
    [words.hashV1, menu.copyHashV1, v1],
    [words.hashV2, menu.copyHashV2, v2],
  ];
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={styles['fact']}>
      <dt className={styles['name']}>{name}</dt>
      <dd className={styles['value']}>{children}</dd>
    </div>
  );
}

const dateOf = (time: number): string => format.day(new Date(time));
