import { plot, type PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escaped } from '../../base/escaped.ts';
import { STYLE } from './marks.ts';

/** A drawn figure. */
export interface Figure {
  /** Its name among the figures, and that of its file, without ending. */
  readonly name: string;
  readonly title: string;
  /** What is to be seen, for whoever does not see it. */
  readonly description: string;
  /** A whole SVG file: light and dark by itself, and printable. */
  readonly svg: string;
}

/** What a figure consists of: drawings of Observable Plot, one below the other. */
export interface Drawing {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parts: readonly PlotOptions[];
  /** SVG definitions that marks refer to. */
  readonly defs?: string;
}

/** Width of all figures, in CSS pixels: that of a page of A4 between its margins. */
export const WIDTH = 680;

/** Size of a chart with a scale of figures at both axes, and the room for their labels. */
export const CHART = { height: 320, marginLeft: 52, marginRight: 16, marginBottom: 42 } as const;

/** Draws without a browser: Plot makes its elements in a small document of linkedom. */
export function drawFigure({ name, title, description, parts, defs = '' }: Drawing): Figure {
  const { document } = parseHTML('<html></html>');
  let height = 0;
  const drawn = parts.map((options) => {
    const part = plot({ width: WIDTH, style: { fontSize: '12px', overflow: 'visible' }, ...options, document });
    const svg = part as unknown as { readonly outerHTML: string; setAttribute(name: string, value: string): void };
    svg.setAttribute('y', String(height));
    height += options.height ?? 0;
    // Styles of Plot itself, which name their figure: the page's hold for all.
    return svg.outerHTML.replace(/<style>.*?<\/style>/s, '');
  });
  const label = `${name}-title ${name}-description`;
  return {
    name,
    title,
    description,
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
      `font-family="system-ui, sans-serif" role="img" aria-labelledby="${label}" style="color: var(--text, #1c1c1c)">` +
      `<title id="${name}-title">${escaped(title)}</title><desc id="${name}-description">${escaped(description)}</desc>` +
      `<style>${STYLE}</style>${defs && `<defs>${defs}</defs>`}${drawn.join('')}</svg>`,
  };
}
