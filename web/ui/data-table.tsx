import type { CSSProperties, ReactNode } from 'react'
import styles from './data-table.module.css'
import { ErrorState } from './error-state.tsx'
import { Icon } from './icon.tsx'
import { Skeleton } from './skeleton.tsx'
import { VisuallyHidden } from './visually-hidden.tsx'

/** A column without its content: enough for a skeleton, so that a page can be expected before its code is here. */
export interface ColumnHead<Key extends string = string> {
  readonly key: Key
  /** Empty over a row's menu. */
  readonly header: string
  /** Numbers and amounts stand at the end, so their digits line up. */
  readonly align?: 'start' | 'end'
  /** A CSS width for columns of known size; the others share the rest. */
  readonly width?: string
  readonly isSortable?: boolean
  /** Left out where there is little room; the row's page has it. */
  readonly isSecondary?: boolean
}

export interface Column<Row> extends ColumnHead {
  /** The first column's cell holds the row's `RowLink`, if rows open something. */
  readonly cell: (row: Row) => ReactNode
}

/** Gives every head its cell; one forgotten is a type error. */
export function withCells<Row, Key extends string>(
  heads: readonly ColumnHead<Key>[],
  cells: { readonly [K in NoInfer<Key>]: (row: Row) => ReactNode },
): readonly Column<Row>[] {
  return heads.map((head) => ({ ...head, cell: cells[head.key] }))
}

export interface Sort {
  readonly key: string
  readonly direction: 'ascending' | 'descending'
}

interface DataTableProps<Row> {
  /** Names the table for assistive technology: "API keys". */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** `undefined` while loading: the skeleton has the height of `skeletonRows`. */
  readonly rows: readonly Row[] | undefined
  readonly rowKey: (row: Row) => string
  readonly skeletonRows?: number
  /** An `EmptyState` with the next action. */
  readonly empty: ReactNode
  readonly error?: unknown
  readonly onRetry?: () => void
  /** The sort in the URL; the server sorts. */
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  /** A `Pagination`. */
  readonly footer?: ReactNode
}

/** A list of things alike. On a narrow screen every row becomes a block of labelled values. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, empty, error, onRetry, sort, onSort, footer } = props
  if (error !== undefined && error !== null) return <ErrorState error={error} onRetry={onRetry} />
  if (rows?.length === 0) return empty
  return (
    <div className={styles.frame}>
      <div className={styles.scroll}>
        <table
          className={styles.table}
          style={roomOf(columns)}
          aria-label={label}
          aria-busy={rows === undefined}
        >
          <thead className={styles.head}>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.key} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows === undefined ? (
              <SkeletonRows columns={columns} count={props.skeletonRows ?? 8} />
            ) : (
              rows.map((row) => (
                <tr key={rowKey(row)} className={styles.row}>
                  {columns.map((column) => (
                    <td key={column.key} {...cellAttributes(column)}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))
            )}
          </tbody>
        </table>
      </div>
      {footer !== undefined && <div className={styles.footer}>{footer}</div>}
    </div>
  )
}

const NARROWEST = '9rem'

/** How wide a table must be for its columns to be read, with and without the secondary ones; narrower, it scrolls. */
function roomOf(columns: readonly ColumnHead[]): CSSProperties {
  const sum = (heads: readonly ColumnHead[]) =>
    `calc(${heads.map(({ width }) => width ?? NARROWEST).join(' + ')})`
  return {
    '--room-for-all': sum(columns),
    '--room': sum(columns.filter(({ isSecondary }) => isSecondary !== true)),
  } as CSSProperties
}

interface TableSkeletonProps {
  readonly label: string
  readonly heads: readonly ColumnHead[]
  readonly rows?: number
}

/** The table before its rows are here, as high as so many of them. */
export function TableSkeleton({ label, heads, rows = 8 }: TableSkeletonProps) {
  const columns = heads.map((head) => ({ ...head, cell: () => null }))
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={undefined}
      rowKey={String}
      skeletonRows={rows}
      empty={null}
    />
  )
}

interface HeaderCellProps {
  readonly column: ColumnHead
  readonly sort: Sort | undefined
  readonly onSort: ((sort: Sort) => void) | undefined
}

function HeaderCell({ column, sort, onSort }: HeaderCellProps) {
  const direction = sort?.key === column.key ? sort.direction : undefined
  const next = direction === 'ascending' ? 'descending' : 'ascending'
  return (
    <th
      scope="col"

      aria-sort={column.isSortable === true ? (direction ?? 'none') : undefined}
      {...cellAttributes(column)}
      style={{ '--width': column.width } as CSSProperties}
    >
      {column.isSortable === true && onSort !== undefined ? (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort({ key: column.key, direction: next })}
        >
          {column.header}
          <Icon name={iconOf(direction)} size="sm" />
        </button>
      ) : (
        column.header || <VisuallyHidden>Actions</VisuallyHidden>
      )}
    </th>
  )
}

interface SkeletonRowsProps {
  readonly columns: readonly ColumnHead[]
  readonly count: number
}

/** Widths vary by a fixed pattern, so that loading looks like text and not like a grid. */
const SKELETON_WIDTHS = ['70%', '52%', '84%', '61%', '45%']

function SkeletonRows({ columns, count }: SkeletonRowsProps) {
  return Array.from({ length: count }, (_, row) => (
    <tr key={row} className={styles.row}>
      {columns.map((column, index) => (
        <td key={column.key} {...cellAttributes(column)}>
          <Skeleton width={SKELETON_WIDTHS[(row * 2 + index) % 5] ?? '60%'} height="0.75rem" />
        </td>
      ))}
    </tr>
  ))
}

function cellAttributes(column: ColumnHead) {
  return {
    className: styles.cell,
    'data-label': column.header,
    'data-align': column.align ?? 'start',
    'data-secondary': column.isSecondary || undefined,
  }
}

function iconOf(direction: Sort['direction'] | undefined) {
  if (direction === undefined) return 'chevron-up-down'
  return direction === 'ascending' ? 'arrow-up' : 'arrow-down'
}
