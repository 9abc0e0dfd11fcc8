import { ArrowLeft, MoreHorizontal } from 'lucide-react';
import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import buttons from '../../parts/button.module.css';
import { IconButton } from '../../parts/icon-button.tsx';
import { MenuLines } from '../../parts/menu.tsx';
import menu from '../../parts/menu.module.css';
import { useActions, useBridge } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { usePhone } from '../frame/use-narrow.ts';
import { downloadEntries } from '../list/download-menu.tsx';
import { isStalled } from '../../stores/list.ts';
import { stallText, stateText } from '../list/row-text.ts';
import { AssembleAction } from './assemble-action.tsx';
import styles from './head.module.css';
import { Trouble } from './trouble.tsx';
import tones from '../../parts/tones.module.css';

/** Name, state, what it is, and the next step. */
export function Head({ download }: { readonly download: DownloadView }): ReactNode {
  const phone = usePhone();
  return (
    <div className={styles['head']}>
      {phone && (
        <IconButton label={text.detail.back} icon={<ArrowLeft />} onClick={() => ui.setState({ inDetail: false })} />
      )}
      <div className={styles['words']}>
        <h1 className={styles['title']}>
          <span className={styles['name']} title={download.name}>
            {download.name}
          </span>
          <StateChip download={download} />
        </h1>
        <p className={styles['facts']}>{factsOf(download)}</p>
        {download.stall !== null && (
          <p className={styles['stall']} role="status">
            {text.detail.stalled(stallText(download, format))}
          </p>
        )}
        <Meeting download={download} />
        <Trouble download={download} />
      </div>
      <AssembleAction download={download} before={<More download={download} />} />
    </div>
  );
}

/** How it stands with the other machines, where there is something to say of that. */
function Meeting({ download }: { readonly download: DownloadView }): ReactNode {
  const { meeting, error, state } = download;
  if (meeting === null || error !== null || state === 'paused' || state === 'queued') return null;
  const said = meeting.trouble ?? meetingText(meeting, download);
  return said === undefined ? null : (
    <p className={styles[meeting.trouble === undefined ? 'facts' : 'stall']} role="status">
      {said}
    </p>
  );
}

function meetingText(
  { state, needed, done }: NonNullable<DownloadView['meeting']>,
  { options, state: now, piecesToGo }: DownloadView,
): string | undefined {
  const words = text.machines;
  if (now === 'seeding') return needed ? words.needed : undefined;
  if (now !== 'downloading') return undefined;
  if (state === 'joining') return words.joining(options.together?.url ?? '');
  return done && piecesToGo > 0 ? words.done : undefined;
}

function StateChip({ download }: { readonly download: DownloadView }): ReactNode {
  const { state, result } = download;
  const tone =
    state === 'failed' || state === 'missing-files'
      ? 'bad'
      : isStalled(download)
        ? 'warn'
        : result !== null || state === 'complete'
          ? 'ok'
          : 'soft';
  const verified = download.options.identities === 1 ? text.detail.done : text.detail.verified;
  const words = state === 'done' ? verified : stateText(download);
  return <span className={`${styles['chip']} ${tones[tone]} ${styles[tone] ?? ''}`}>{words}</span>;
}

function factsOf(one: DownloadView): string {
  const { facts } = text.detail;
  const { identities, selection, share } = one.options;
  const parts: string[] = [];
  if (one.piecesTotal > 0) {
    parts.push(
      format.bytes(one.bytesTotal),
      facts.pieces(one.piecesTotal, format.count(one.piecesTotal), format.pieceLength(one.pieceLength)),
      facts.files(one.files, format.count(one.files)),
    );
  }
  if (identities > 1) {
    const how = `${text.modes[selection].short}, ${share ? facts.sharing : facts.notSharing}`;
    parts.push(`${facts.identities(identities, format.count(identities))}, ${how}`);
  }
  if (one.meeting !== null && one.machines > 0)
    parts.push(text.machines.others(one.machines, format.count(one.machines)));
  if (one.private) parts.push(facts.private);
  if (one.demo) parts.push(facts.demo);
  return parts.join(' · ');
}

function More({ download }: { readonly download: DownloadView }): ReactNode {
  const actions = useActions();
  const showsFiles = useBridge((state) => state.app?.app.shell.showsFiles ?? false);
  return (
    <Menu.Root>
      <Menu.Trigger
        render={<Button className={buttons['square'] ?? ''} aria-label={text.detail.more} icon={<MoreHorizontal />} />}
      />
      <Menu.Portal>
        <Menu.Positioner className={menu['positioner']} sideOffset={4} align="end">
          <Menu.Popup className={menu['popup']}>
            <MenuLines entries={downloadEntries([download], actions, showsFiles)} />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
