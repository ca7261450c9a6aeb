import { type CSSProperties, useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import { formatQuantity } from './format.ts'
import { plotOptions, readPalette } from './plot-options.ts'
import { bucketName, type SeriesData, stack, toNumbers } from './present-series.ts'
import { useIsDark } from './theme.ts'
import './time-series-plot.css'
import styles from './time-series-plot.module.css'

export interface TimeSeriesPlotProps {
  readonly data: SeriesData
  readonly kind: 'bars' | 'line'
  readonly limit: { readonly value: string; readonly label: string } | undefined
}

interface Hover {
  readonly index: number
  readonly left: number
}

/** The drawing. A canvas has no cascade, so it is made anew when the theme changes. */
export function TimeSeriesPlot(props: TimeSeriesPlotProps) {
  const isDark = useIsDark()
  const [hover, setHover] = useState<Hover>()
  return (
    <div className={styles.plot} aria-hidden="true">
      <Canvas key={isDark ? 'dark' : 'light'} {...props} onHover={setHover} />
      {hover !== undefined && <HoverCard data={props.data} hover={hover} />}
    </div>
  )
}

type CanvasProps = TimeSeriesPlotProps & { readonly onHover: (hover: Hover | undefined) => void }

function Canvas({ data, kind, limit, onHover }: CanvasProps) {
  const frame = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const options = plotOptions({
      data,
      kind,
      limit,
      palette: readPalette(element),
      width: element.clientWidth,
      height: element.clientHeight,
      onHover: (index, left) => onHover(index === undefined ? undefined : { index, left }),
    })
    const plot = new uPlot(options, columnsOf(data, kind), element)
    const observer = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [data, kind, limit, onHover])

  return <div ref={frame} className={styles.canvas} />
}

function HoverCard({ data, hover }: { readonly data: SeriesData; readonly hover: Hover }) {
  const at = data.times[hover.index]
  if (at === undefined) return null
  return (
    <div className={styles.card} style={{ '--left': `${hover.left}px` } as CSSProperties}>
      <p className={styles.when}>{bucketName(at, data)}</p>
      {data.series.map((series) => (
        <p key={series.key} className={styles.value}>
          <span>{data.series.length > 1 ? series.label : data.unit}</span>
          <span>{formatQuantity(series.values[hover.index] ?? '0')}</span>
        </p>
      ))}
    </div>
  )
}

function columnsOf(data: SeriesData, kind: 'bars' | 'line'): uPlot.AlignedData {
  const times = data.times.map((at) => Date.parse(at) / 1000)
  const columns = kind === 'bars' ? stack(data.series, times.length) : data.series.map(toNumbers)
  // The tallest bars first, so that the lower ones are painted over them.
  return [times, ...(kind === 'bars' ? columns.reverse() : columns)] as uPlot.AlignedData
}
