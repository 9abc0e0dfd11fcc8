import { Download } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { FeedItemView } from '../../../../core/bridge/views.ts';
import type { FeedRule } from '../../../../core/engine/feeds.ts';
import { format } from '../../../format/format.ts';
import { IconButton } from '../../../parts/icon-button.tsx';
import { useBridge, useServices } from '../../../stores/context.tsx';
import { say, sayError } from '../../../stores/ui-store.ts';
import { text } from '../../../texts/en.ts';
import styles from '../settings-dialog.module.css';
import own from './feed-items.module.css';

const words = text.feeds.items;
/** So many are shown. */
const MOST = 200;
/** A pause in typing after which a rule is tried, in milliseconds. */
const PAUSE = 300;

/** Items of a feed, or of all (`null`), and what the rules, or one that is being made, do with them. */
export function FeedItems(props: {
  readonly label: string;
  readonly feed: string | null;
  readonly rule: FeedRule | null;
}): ReactNode {
  const { label, feed, rule } = props;
  const { client } = useServices();
  // Another list whenever a feed was read or something was taken of it.
  const views = useBridge((state) => state.app?.feeds);
  const [items, setItems] = useState<readonly FeedItemView[]>();
  const asked = JSON.stringify(rule);
  useEffect(() => {
    let current = true;
    const ask = (): unknown =>
      client.call('feedItems', { feed, rule: JSON.parse(asked) as FeedRule | null }).then(
        (found) => current && setItems(found),
        (error: unknown) => current && sayError(error),
      );
    const timer = setTimeout(ask, asked === 'null' ? 0 : PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, feed, asked, views]);
  if (items === undefined) return null;
  const of = items.filter(({ verdict }) => verdict !== 'feed');
  const takes = of.filter(({ verdict }) => verdict === 'takes');
  const shown = rule === null ? of : [...takes, ...of.filter(({ verdict }) => verdict !== 'takes')];
  const take = (item: FeedItemView): void => {
    client
      .call('takeItem', { feed: item.feed, id: item.id })
      .then((done) => say({ tone: done === 'added' ? 'ok' : 'plain', message: words[done](item.title) }), sayError);
  };
  return (
    <>
      {rule !== null && (
        <p className={styles['hint']} role="status">
          {items.length === 0
            ? text.feeds.rules.previewNone
            : text.feeds.rules.preview(format.count(takes.length), format.count(of.length))}
        </p>
      )}
      {rule === null && of.length === 0 && <p className={styles['hint']}>{words.none}</p>}
      <ul className={own['items']} aria-label={label}>
        {shown.slice(0, MOST).map((item) => (
          <li key={`${item.feed} ${item.id}`} className={own['item']} data-verdict={item.verdict}>
            <span className={own['title']} title={item.title}>
              {item.title}
            </span>
            <span className={own['facts']}>{factsOf(item, rule !== null)}</span>
            {rule === null && item.hasLink && (
              <IconButton
                tone="quiet"
                label={words.download(item.title)}
                icon={<Download />}
                onClick={() => take(item)}
              />
            )}
          </li>
        ))}
      </ul>
      {shown.length > MOST && <p className={styles['hint']}>{words.more(format.count(shown.length - MOST))}</p>}
    </>
  );
}

function factsOf({ length, published, verdict, rule }: FeedItemView, trying: boolean): string {
  const why = verdict === 'takes' && rule !== null && !trying ? words.takes(rule) : words.verdicts[verdict];
  // Of one that no rule is about there is nothing to say.
  const said = !trying && (verdict === 'words' || verdict === 'no-rule') ? '' : why;
  return [
    said,
    ...(length === null ? [] : [format.bytes(length)]),
    ...(published === null ? [] : [format.day(new Date(published))]),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
