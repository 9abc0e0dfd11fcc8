import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { useBridge } from '../../stores/context.tsx';
import { useTheme } from '../../stores/theme.ts';
import { text } from '../../texts/en.ts';
import { type GraphData, graphData } from './graph-data.ts';
import { makePlot } from './graph-plot.ts';
import styles from './graph-tab.module.css';
import table from './table.module.css';
import tones from '../../parts/tones.module.css';

const words = text.detail.graph;
type Direction = 'down' | 'up';

/** Speed of each identity over the last quarter of an hour, and their sum. */
export function GraphTab({ download }: { readonly download: DownloadView }): ReactNode {
  const history = useBridge((state) => state.detail?.history);
  const [direction, setDirection] = useState<Direction>('down');
  const data = useMemo(() => history && graphData(history, direction), [history, direction]);
  if (!data || data[0].length < 2) return <p className={table['empty']}>{words.empty}</p>;
  const rates = data.slice(2).map((line) => format.rate(line.at(-1) ?? 0));
  // One identity alone is not told apart from others.
  const description =
    rates.length === 1
      ? `${words.alone}: ${rates[0]}`
      : `${words.label}: ${rates.map((rate, i) => words.describe(format.count(i + 1), rate)).join(', ')}`;
  return (
    <div className={styles['tab']}>
      <div className={styles['head']}>
        <div role="radiogroup" aria-label={words.direction} className={styles['switch']}>
          {(['down', 'up'] as const).map((one) => (
            <label key={one} className={styles['option']}>
              <input type="radio" name="direction" checked={one === direction} onChange={() => setDirection(one)} />
              {words[one]}
            </label>
          ))}
        </div>
        <span className={tones['soft']}>
          {words.sum} {format.rate(data[1]?.at(-1) ?? 0)}
        </span>
      </div>
      <Plot key={`${download.key} ${data.length}`} data={data} description={description} />
    </div>
  );
}

function Plot({ data, description }: { readonly data: GraphData; readonly description: string }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(data);
  const theme = useTheme();
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  }, [data]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = makePlot(element, latest.current, element.clientWidth, element.clientHeight);
    plot.current = made;
    const sized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight }));
    sized.observe(element);
    return () => {
      sized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme]);
  return <div ref={place} className={styles['plot']} role="img" aria-label={description} />;
}
