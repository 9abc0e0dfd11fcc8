import type { DownloadView } from '../../../core/bridge/views.ts';
import type { Format } from '../../format/format.ts';
import type { ColumnId } from '../../stores/columns.ts';
import { ratioOf, shareOf } from '../../stores/figures.ts';
import { isStalled } from '../../stores/list.ts';
import { text } from '../../texts/en.ts';
import { stallText, stateText } from '../list/row-text.ts';

/** What stands in a cell of the table; empty where there is nothing to say. */
export function cellText(one: DownloadView, column: ColumnId, f: Format): string {
  switch (column) {
    case 'place':
      return f.count(one.place + 1);
    case 'name':
      return one.name;
    case 'progress':
      return f.percent(one.work ?? shareOf(one));
    case 'size':
      return one.bytesWanted === 0 ? '' : f.bytes(one.bytesWanted);
    case 'state':
      return stateWords(one, f);
    case 'down':
      return one.down === 0 ? '' : f.rate(one.down);
    case 'up':
      return one.up === 0 ? '' : f.rate(one.up);
    case 'timeLeft':
      return one.timeLeft === null ? '' : f.span(Math.max(1000, one.timeLeft));
    case 'ratio':
      return f.ratio(ratioOf(one));
    case 'seeds':
      return one.seeds === 0 ? '' : f.count(one.seeds);
    case 'peers':
      return one.peers === one.seeds ? '' : f.count(one.peers - one.seeds);
    case 'category':
      return one.options.category;
    case 'tags':
      return one.options.tags.join(', ');
    case 'tracker': {
      const [first = '', ...others] = one.trackerHosts;
      return others.length === 0 ? first : text.table.more(first, f.count(others.length));
    }
    case 'added':
      return f.day(new Date(one.added));
    case 'finished':
      return one.finished === null ? '' : f.day(new Date(one.finished));
    case 'received':
      return f.bytes(one.downloaded);
    case 'sent':
      return f.bytes(one.uploaded);
    case 'active':
      return f.span(one.active);
    case 'folder':
      return one.options.output;
    case 'files':
      return one.files === 0 ? '' : f.count(one.files);
    case 'identities':
      return f.count(one.options.identities);
    case 'downLimit':
      return one.options.down === 0 ? '' : f.rate(one.options.down);
    case 'upLimit':
      return one.options.up === 0 ? '' : f.rate(one.options.up);
  }
}

/** Its state, and why where it gets nothing. */
function stateWords(one: DownloadView, f: Format): string {
  const why = isStalled(one) ? stallText(one, f) : (one.error?.message ?? '');
  return why === '' ? stateText(one) : `${stateText(one)}: ${why}`;
}
