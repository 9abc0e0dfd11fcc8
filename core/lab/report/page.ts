import { escaped } from '../../base/escaped.ts';
import type { Figure } from '../figures/draw.ts';
import { STYLE } from '../figures/marks.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A part of a report: sentences, a figure, a table, a text as it is. */
export interface Section {
  readonly title: string;
  readonly sentences?: readonly string[];
  /** Sentences of one kind. */
  readonly list?: readonly string[];
  readonly figures?: readonly Figure[];
  readonly table?: Table;
  /** Told word by word, folded away. */
  readonly text?: { readonly title: string; readonly text: string };
}

const PAGE_STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); max-width: 700px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
ul { padding-left: 1.2rem; } li { margin: .35rem 0; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; margin-bottom: .3rem; }
figure svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid color-mix(in srgb, var(--text) 20%, transparent); }
th:first-child, td:first-child { text-align: left; min-width: 5.5rem; } th { vertical-align: bottom; }
pre { overflow-x: auto; font-size: .8rem; padding: .7rem; border: 1px solid color-mix(in srgb, var(--text) 20%, transparent); }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;

/** A page that needs nothing but itself: no script, no other file. */
export function pageOf(title: string, sections: readonly Section[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    ...sections.map(sectionOf),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sectionOf({ title, sentences = [], list = [], figures = [], table, text }: Section): string {
  return [
    '<section>',
    `<h2>${escaped(title)}</h2>`,
    ...figures.map(({ title: caption, svg }) => `<figure><figcaption>${escaped(caption)}</figcaption>${svg}</figure>`),
    ...sentences.map((sentence) => `<p>${escaped(sentence)}</p>`),
    list.length === 0 ? '' : `<ul>${list.map((sentence) => `<li>${escaped(sentence)}</li>`).join('\n')}</ul>`,
    table === undefined ? '' : tableOf(table),
    text === undefined
      ? ''
      : `<details><summary>${escaped(text.title)}</summary><pre>${escaped(text.text)}</pre></details>`,
    '</section>',
  ].join('\n');
}

function tableOf({ head, rows }: Table): string {
  const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${row('th', head)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('\n')}</tbody></table></div>`;
}
