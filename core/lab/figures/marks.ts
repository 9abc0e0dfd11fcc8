/** How one series of a figure looks: told apart by dash and symbol alone, where there is no colour. */
export interface Look {
  /** A CSS variable of `STYLE`, with the light theme's colour for programs that know no variables. */
  readonly colour: string;
  readonly dash: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'star' | 'wye' | 'times';
}

const LIGHT = ['#0072b2', '#c64f00', '#00795a', '#a83a80', '#806200', '#6444b0', '#555555', '#a11d33'] as const;
const DARK = ['#5ab4f0', '#ff9350', '#3fd0a4', '#f093c8', '#e0b93c', '#b79cf5', '#bbbbbb', '#ff7d8e'] as const;
const DASHES = ['', '7 3', '2 3', '8 3 2 3', '1 5', '12 4', '4 2 1 2 1 2', '14 3 3 3'] as const;
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'cross', 'star', 'wye', 'times'] as const;

/** The look of series `index`; from the ninth on they repeat, with another dash for each symbol. */
export function lookOf(index: number): Look {
  const at = index % LIGHT.length;
  const turn = Math.floor(index / LIGHT.length);
  return {
    colour: `var(--series-${at}, ${LIGHT[at] ?? LIGHT[0]})`,
    dash: DASHES[(at + turn) % DASHES.length] ?? '',
    symbol: SYMBOLS[at] ?? 'circle',
  };
}

const variables = (colours: readonly string[]): string =>
  colours.map((colour, i) => `--series-${i}: ${colour};`).join(' ');

/** Colours of both themes. In the page and in each figure, so that a figure alone looks the same; print is always light. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c1c1c; --faint: #767676; --paper: #ffffff; ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { --text: #ececec; --faint: #9a9a9a; --paper: #161616; ${variables(DARK)} } }
`;
