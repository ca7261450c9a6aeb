import { lazy, Suspense, useState } from 'react'
import { Button } from './button.tsx'
import { DataTable } from './data-table.tsx'
import { formatQuantity } from './format.ts'
import { bucketName, type SeriesData, summarize } from './present-series.ts'
import { Skeleton } from './skeleton.tsx'
import styles from './time-series.module.css'

// uPlot comes with the first chart, not with the first page.
const Plot = lazy(() =>
  import('./time-series-plot.tsx').then((m) => ({ default: m.TimeSeriesPlot })),
)

export interface TimeSeriesProps {
  readonly label: string
  readonly data: SeriesData
  readonly kind?: 'bars' | 'line'
  /** A level drawn across: the quota. */
  readonly limit?: { readonly value: string; readonly label: string }
  /** The sentence below, where the values do not add up to one. */
  readonly summary?: string
}

const HEIGHT = '14rem'

/** Values over time: a chart, the sentence that sums it up, and the same numbers as a table. */
export function TimeSeries({ label, data, kind = 'bars', limit, summary }: TimeSeriesProps) {
  const [isTable, setTable] = useState(false)
  return (
    <figure className={styles.figure} aria-label={label}>
      {isTable ? (
        <SeriesTable label={label} data={data} />
      ) : (
        <Suspense fallback={<Skeleton height={HEIGHT} />}>
          <Plot data={data} kind={kind} limit={limit} />
        </Suspense>
      )}
      {!isTable && data.series.length > 1 && (
        <ul className={styles.legend}>
          {data.series.map((series, index) => (
            <li key={series.key} data-series={(index % 6) + 1}>
              {series.label}
            </li>
          ))}
        </ul>
      )}
      <figcaption className={styles.caption}>
        <span>{summary ?? summarize(data)}</span>
        <Button
          variant="ghost"
          size="sm"
          icon={isTable ? 'chart' : 'table'}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? 'View as chart' : 'View as table'}
        </Button>
      </figcaption>
    </figure>
  )
}

function SeriesTable({ label, data }: { readonly label: string; readonly data: SeriesData }) {
  const rows = data.times.map((at, index) => ({ at, index })).reverse()
  return (
    <div className={styles.table}>
      <DataTable
        label={label}
        rows={rows}
        rowKey={(row) => row.at}
        empty={null}
        columns={[
          {
            key: 'at',
            header: data.grain === 'hour' ? 'Hour' : data.grain === 'day' ? 'Day' : 'Month',
            cell: (row) => bucketName(row.at, data),
          },
          ...data.series.map((series) => ({
            key: series.key,
            header: series.label,
            align: 'end' as const,
            cell: (row: { readonly index: number }) => {
              const value = series.values[row.index]
              return value === null || value === undefined ? '–' : formatQuantity(value)
            },
          })),
        ]}
      />
    </div>
  )
}
