import type { SeedRule } from '../../../core/base/choices.ts';
import type { ImportCandidate } from '../../../core/bridge/import-candidate.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';

const words = text.import;

/** What another client keeps of a torrent, in short. */
export function factsOf(torrent: ImportCandidate): string {
  const { client, key, length, have, paused, category, tags, down, up, seed, downloaded, uploaded } = torrent;
  const { facts } = words;
  if (key === null) return client;
  const there = have >= 1 ? facts.whole : have > 0 ? facts.part(format.percent(have)) : facts.nothing;
  return [
    client,
    ...(length === null ? [facts.magnet] : [format.bytes(length), there]),
    ...(paused ? [facts.paused] : []),
    ...(category === null ? [] : [facts.category(category)]),
    ...(tags.length === 0 ? [] : [facts.tags(tags.join(', '))]),
    ...(down === 0 ? [] : [facts.down(format.rate(down))]),
    ...(up === 0 ? [] : [facts.up(format.rate(up))]),
    ...goalsOf(seed),
    ...(downloaded + uploaded === 0 ? [] : [facts.soFar(format.bytes(downloaded), format.bytes(uploaded))]),
  ].join(' · ');
}

function goalsOf(rule: SeedRule | null): string[] {
  if (rule?.kind !== 'goals') return [];
  const { facts } = words;
  const { ratio = 'none', time = 'none', idle = 'none' } = rule;
  const goals = [
    ...(ratio === 'none' ? [] : [facts.ratio(format.ratio(ratio))]),
    ...(time === 'none' ? [] : [facts.time(format.span(time))]),
    ...(idle === 'none' ? [] : [facts.idle(format.span(idle))]),
  ];
  return goals.length > 0 ? goals : [facts.endless];
}

/** What becomes of its files; undefined: it is not taken. */
export function fateOf({ how, output, from, present }: ImportCandidate): string | undefined {
  if (present) return words.present;
  switch (how) {
    case 'in-place':
      return words.how['in-place'](output ?? '');
    case 'copy':
      return words.how.copy(from ?? '');
    case 'download':
      return words.how.download;
    case null:
      return undefined;
  }
}
