import { useQuery } from '@tanstack/react-query'
import { Icon } from '../../../ui/icon.tsx'
import { Link } from '../../../ui/link.tsx'
import { Spinner } from '../../../ui/spinner.tsx'
import { paths } from '../../paths.ts'
import { overviewQuery } from '../../queries.ts'
import styles from './call-watch.module.css'
import { hasUsage } from './has-usage.ts'

const ASK_EVERY_MS = 1_000

/** Waits for the first call and says so when it is there. */
export function CallWatch() {
  const { data: overview } = useQuery({
    ...overviewQuery,
    refetchInterval: ({ state }) =>
      state.data !== undefined && hasUsage(state.data) ? false : ASK_EVERY_MS,
  })
  const isThere = overview !== undefined && hasUsage(overview)
  return (
    <div className={styles.watch} data-there={isThere || undefined} role="status">
      {isThere ? <Icon name="check-circle" /> : <Spinner />}
      {isThere ? (
        <p>
          <strong>It works.</strong> Your calls arrive. <Link to={paths.usage}>See your usage</Link>
        </p>
      ) : (
        <p>Waiting for your first call…</p>
      )}
    </div>
  )
}
