import uPlot from 'uplot'
import { formatCompact } from './format.ts'
import { type SeriesData, tickIndexes, tickName } from './present-series.ts'

export interface Palette {
  readonly series: readonly string[]
  readonly grid: string
  readonly text: string
  readonly limit: string
  readonly limitText: string
  readonly font: string
}

interface PlotLimit {
  readonly value: string
  readonly label: string
}

interface PlotRequest {
  readonly data: SeriesData
  readonly kind: 'bars' | 'line'
  readonly limit: PlotLimit | undefined
  readonly palette: Palette
  readonly width: number
  readonly height: number
  readonly onHover: (index: number | undefined, left: number) => void
}

const LABEL_SIZE = 11

export function plotOptions(request: PlotRequest): uPlot.Options {
  const { data, palette, limit, onHover } = request
  const font = `${LABEL_SIZE}px ${palette.font}`
  return {
    width: request.width,
    height: request.height,
    legend: { show: false },
    padding: [12, 20, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: request.kind === 'line' } },
    scales: {
      x: { time: true, range: (_, min, max) => xRange(min, max, data) },
      y: { range: (_, __, max) => [0, Math.max(max, Number(limit?.value ?? 0), 1) * 1.08] },
    },
    axes: [
      {
        stroke: palette.text,
        font,
        size: 28,
        gap: 6,
        grid: { show: false },
        ticks: { show: false },
        splits: (plot) => ticksOf(plot, data),
        values: (_, splits) =>
          splits.map((at) => tickName(new Date(at * 1000).toISOString(), data)),
      },
      {
        stroke: palette.text,
        font,
        size: 44,
        gap: 8,
        space: 44,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map(formatCompact),
      },
    ],
    series: [{}, ...seriesOptions(request)],
    hooks: {
      setCursor: [
        (plot) => {
          const index = plot.cursor.idx ?? undefined
          onHover((plot.cursor.left ?? -1) < 0 ? undefined : index, leftOf(plot, index))
        },
      ],
      draw: limit === undefined ? [] : [(plot) => drawLimit(plot, limit, palette, font)],
    },
  }
}

/** Reads the tokens as the colours they are in this theme; a canvas cannot resolve light-dark() itself. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span')
  element.append(probe)
  const color = (token: string) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const palette = {
    series: [1, 2, 3, 4, 5, 6].map((n) => color(`--series-${n}`)),
    grid: color('--chart-grid'),
    text: color('--text-muted'),
    limit: color('--danger-fill'),
    limitText: color('--danger-text'),
    font: getComputedStyle(probe).fontFamily,
  }
  probe.remove()
  return palette
}

function seriesOptions({ data, kind, palette }: PlotRequest): uPlot.Series[] {
  const colors = data.series.map((_, index) => palette.series[index % palette.series.length] ?? '')
  if (kind === 'line') {
    return colors.map((stroke) => ({ stroke, width: 1.75, points: { show: false } }))
  }
  const paths = uPlot.paths.bars?.({ size: [0.68, 32], radius: 0.12 })
  return colors.reverse().map((fill) => ({
    fill,
    width: 0,
    points: { show: false },
    ...(paths !== undefined && { paths }),
  }))
}

const BUCKET_SECONDS = { hour: 3_600, day: 86_400, month: 30 * 86_400 } as const

/** Half a bucket of room on both sides, so that the first and the last bar are whole. */
function xRange(min: number, max: number, { grain }: SeriesData): uPlot.Range.MinMax {
  const half = BUCKET_SECONDS[grain] / 2
  return [min - half, max + half]
}

function leftOf(plot: uPlot, index: number | undefined): number {
  const at = index === undefined ? undefined : plot.data[0][index]
  const offset = plot.over.offsetLeft
  return at === undefined ? 0 : offset + plot.valToPos(at, 'x')
}

function drawLimit(plot: uPlot, limit: PlotLimit, palette: Palette, font: string): void {
  const { ctx, bbox } = plot
  const right = bbox.left + bbox.width
  const y = Math.round(plot.valToPos(Number(limit.value), 'y', true)) + 0.5
  ctx.save()
  ctx.strokeStyle = palette.limit
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(right, y)
  ctx.stroke()
  ctx.font = font.replace(`${LABEL_SIZE}px`, `${LABEL_SIZE * devicePixelRatio}px`)
  ctx.fillStyle = palette.limitText
  ctx.textAlign = 'right'
  // Above its line, and below it where there is no room above.
  const gap = 5 * devicePixelRatio
  const hasRoom = y - bbox.top > LABEL_SIZE * devicePixelRatio + gap
  ctx.textBaseline = hasRoom ? 'bottom' : 'top'
  ctx.fillText(limit.label, right, hasRoom ? y - gap : y + gap)
  ctx.restore()
}

function ticksOf(plot: uPlot, { times }: SeriesData): number[] {
  const width = plot.bbox.width / devicePixelRatio
  return tickIndexes(times.length, width).map((index) => Date.parse(times[index] ?? '') / 1000)
}
