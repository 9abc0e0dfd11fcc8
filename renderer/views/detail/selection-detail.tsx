import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import type { MenuEntry, MenuLine } from '../../parts/menu.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { ratioOf, shareOf } from '../../stores/figures.ts';
import { counted, summaryOf } from '../../stores/summary.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { usePhone } from '../frame/use-narrow.ts';
import { downloadEntries } from '../list/download-menu.tsx';
import { stateText } from '../list/row-text.ts';
import detail from './detail.module.css';
import head from './head.module.css';
import styles from './selection-detail.module.css';
import { Stat } from './stats.tsx';
import stats from './stats.module.css';

const words = text.detail.selection;

/** Several selected downloads: what they come to, and what can be done with all of them. */
export function SelectionDetail({ downloads }: { readonly downloads: readonly DownloadView[] }): ReactNode {
  const phone = usePhone();
  const actions = useActions();
  const showsFiles = useBridge((state) => state.app?.app.shell.showsFiles ?? false);
  const sum = useMemo(() => summaryOf(downloads), [downloads]);
  const states = useMemo(() => counted(downloads.map(stateText)), [downloads]);
  const title = words.title(format.count(sum.count), format.bytes(sum.bytesWanted));
  return (
    <section className={detail['detail']} aria-label={title} id="detail" tabIndex={-1}>
      <div className={styles['all']}>
        <div className={head['head']}>
          {phone && (
            <IconButton
              label={text.detail.back}
              icon={<ArrowLeft />}
              onClick={() => ui.setState({ inDetail: false })}
            />
          )}
          <div className={head['words']}>
            <h1 className={head['title']}>{title}</h1>
            <p className={head['facts']}>
              {states.map(([state, count]) => words.state(state, format.count(count))).join(' · ')}
            </p>
          </div>
        </div>
        <dl className={stats['stats']}>
          <Stat name={text.detail.stats.complete} value={format.percent(shareOf(sum), 1)} />
          <Stat name={text.detail.stats.of(format.bytes(sum.bytesWanted))} value={format.bytes(sum.bytesHave)} wide />
          <Stat name={text.detail.stats.down} value={format.rate(sum.down)} wide />
          <Stat name={text.detail.stats.up} value={format.rate(sum.up)} wide />
          <Stat name={text.detail.stats.ratio} value={format.ratio(ratioOf(sum))} />
        </dl>
        <div className={styles['ways']} role="group" aria-label={words.ways}>
          {linesOf(downloadEntries(downloads, actions, showsFiles)).map((line) => (
            <Button key={line.label} icon={line.icon} disabled={line.disabled} onClick={line.act}>
              {line.label}
            </Button>
          ))}
        </div>
      </div>
    </section>
  );
}

/** The lines of a menu without its separators; those of menus in it stand in their places. */
function linesOf(entries: readonly MenuEntry[]): readonly MenuLine[] {
  return entries.flatMap((entry) => (entry === 'separator' ? [] : 'lines' in entry ? linesOf(entry.lines) : [entry]));
}
