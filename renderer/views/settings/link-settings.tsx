import type { ReactNode } from 'react';
import { text } from '../../texts/en.ts';
import { LinkChoice } from '../add/link-choice.tsx';
import { whereWords } from '../add/link-facts.ts';
import { EditedList } from './edited-list.tsx';
import { LinkFields } from './link-fields.tsx';
import type { SettingsProps } from './settings-props.ts';

const words = text.links.profiles;

/** The links that have names, one of them at a time to be changed, and which ways new downloads begin with. */
export function LinkSettings({ settings, change }: SettingsProps): ReactNode {
  return (
    <>
      <EditedList
        words={words}
        entries={settings.linkProfiles}
        nameOf={({ name }) => name}
        factOf={whereWords}
        onChange={(linkProfiles) => change({ linkProfiles })}
        fields={(editing) => <LinkFields {...editing} />}
      />
      <LinkChoice label={words.usual} several chosen={settings} onChange={change} />
    </>
  );
}
