import { ArrowLeft, List, RotateCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { FEWEST_MINUTES, type Feed, isFeedUrl, MOST_MINUTES } from '../../../../core/engine/feeds.ts';
import type { FeedView } from '../../../../core/bridge/views.ts';
import { format } from '../../../format/format.ts';
import { Button } from '../../../parts/button.tsx';
import { Field } from '../../../parts/field.tsx';
import { IconButton } from '../../../parts/icon-button.tsx';
import { TextInput } from '../../../parts/text-input.tsx';
import { useActions, useBridge } from '../../../stores/context.tsx';
import { text } from '../../../texts/en.ts';
import { CommittedNumber } from '../committed.tsx';
import { type Editing, EditedActions, EditedList } from '../edited-list.tsx';
import own from '../edited-list.module.css';
import styles from '../settings-dialog.module.css';
import type { SettingsProps } from '../settings-props.ts';
import { useEdited } from '../use-edited.ts';
import { FeedItems } from './feed-items.tsx';
import items from './feed-items.module.css';
import { RuleFields } from './rule-fields.tsx';

const words = text.feeds.feeds;
const MAX_NAME = 100;

/** Feeds, how they fare, and the rules that say what is taken of them. */
export function FeedSettings({ settings, change }: SettingsProps): ReactNode {
  const views = useBridge((state) => state.app?.feeds);
  const actions = useActions();
  const [shown, setShown] = useState<string>();
  /** One of the two lists has an entry open, and the room. */
  const [open, setOpen] = useState<'feeds' | 'rules'>();
  const viewOf = (url: string): FeedView | undefined => views?.find((one) => one.url === url);
  const nameOf = ({ url, name }: Feed): string => name || viewOf(url)?.title || url;
  const feed = settings.feeds.find(({ url }) => url === shown);
  if (feed !== undefined) {
    return (
      <>
        <Button className={items['back']} icon={<ArrowLeft />} onClick={() => setShown(undefined)}>
          {text.feeds.items.back}
        </Button>
        <FeedItems label={text.feeds.items.label(nameOf(feed))} feed={feed.url} rule={null} />
      </>
    );
  }
  return (
    <>
      {open !== 'rules' && (
        <EditedList
          words={words}
          entries={settings.feeds}
          nameOf={nameOf}
          keyOf={({ url }) => url}
          factOf={({ url }) => <FeedFact view={viewOf(url)} />}
          onOpen={(is) => setOpen(is ? 'feeds' : undefined)}
          extra={(one) => (
            <>
              <IconButton
                tone="quiet"
                label={words.show(nameOf(one))}
                icon={<List />}
                onClick={() => setShown(one.url)}
              />
              <IconButton
                tone="quiet"
                label={words.read(nameOf(one))}
                icon={<RotateCw />}
                onClick={() => actions.readFeed(one.url)}
              />
            </>
          )}
          onChange={(feeds) => change({ feeds })}
          fields={(editing) => <FeedFields {...editing} />}
        />
      )}
      {open === undefined && settings.feeds.length > 0 && (
        <Field inline label={words.minutes}>
          {(ids) => (
            <CommittedNumber
              {...ids}
              min={FEWEST_MINUTES}
              max={MOST_MINUTES}
              unit={words.unit}
              value={settings.feedMinutes}
              onCommit={(feedMinutes) => change({ feedMinutes })}
            />
          )}
        </Field>
      )}
      {open === undefined && <div className={styles['legend']}>{text.feeds.rules.label}</div>}
      {open !== 'feeds' && (
        <EditedList
          words={text.feeds.rules}
          entries={settings.feedRules}
          nameOf={({ name }) => name}
          factOf={({ on, must, category }) =>
            [...(on ? [] : [text.feeds.rules.off]), must, category].filter((part) => part !== '').join(' · ')
          }
          onOpen={(is) => setOpen(is ? 'rules' : undefined)}
          onChange={(feedRules) => change({ feedRules })}
          fields={(editing) => (
            <RuleFields
              feeds={settings.feeds.map((one) => ({ url: one.url, name: nameOf(one) }))}
              categories={settings.categories.map(({ name }) => name)}
              {...editing}
            />
          )}
        />
      )}
    </>
  );
}

/** How a feed fares, in some words. */
function FeedFact({ view }: { readonly view: FeedView | undefined }): ReactNode {
  if (view === undefined || (view.read === null && view.error === null)) {
    return view?.reading === true ? words.reading : words.waiting;
  }
  if (view.error !== null) {
    return (
      <span className={own['error']} title={view.error}>
        {view.error}
      </span>
    );
  }
  const ago = Date.now() - (view.read ?? 0);
  const items = format.count(view.items);
  return ago < 60_000 ? words.fresh(items) : words.fact(items, format.span(ago - (ago % 60_000)));
}

function FeedFields({ before, taken, onSave, onCancel }: Editing<Feed>): ReactNode {
  const { form, edit, errors, save, cancel, onKeyDown } = useEdited({
    first: before ?? { url: '', name: '' },
    wrongIn: (now) => wrongIn(feedOf(now), taken),
    onSave: (now) => onSave(feedOf(now)),
    onCancel,
  });
  return (
    <div
      role="group"
      aria-label={before === undefined ? words.newTitle : words.change(before.name || before.url)}
      onKeyDown={onKeyDown}
    >
      <Field label={words.url} error={errors.url}>
        {(ids) => <TextInput {...ids} value={form.url} onText={(value) => edit({ url: value })} />}
      </Field>
      <Field label={words.name} hint={words.nameHint} error={errors.name}>
        {(ids) => <TextInput {...ids} value={form.name} onText={(value) => edit({ name: value })} />}
      </Field>
      <EditedActions onCancel={cancel} onSave={save} save={words.save} />
    </div>
  );
}

/** The feed of what is typed. */
function feedOf({ url, name }: Feed): Feed {
  return { url: url.trim(), name: name.replace(/\p{Cc}/gu, ' ').trim() };
}

/** What is wrong, by field. `taken`: addresses of the others. */
function wrongIn({ url, name }: Feed, taken: readonly string[]): { readonly url?: string; readonly name?: string } {
  return {
    ...(isFeedUrl(url) ? {} : { url: words.wrong }),
    ...(taken.includes(url) ? { url: words.taken } : {}),
    ...(name.length > MAX_NAME ? { name: words.long } : {}),
  };
}
