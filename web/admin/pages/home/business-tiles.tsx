import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../ui/card.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { TileLink } from '../../../ui/link.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stat } from '../../../ui/stat.tsx'
import { metricsQuery } from '../../queries.ts'
import { businessTiles } from './present-business.ts'
import styles from './page.module.css'

/** How the last thirty days went; each number leads to the list it is made of. */
export function BusinessTiles() {
  const { data, error, refetch } = useQuery(metricsQuery)
  return (
    <section aria-labelledby="last-thirty-days" className={styles.business}>
      <h2 id="last-thirty-days" className={styles.heading}>
        Last 30 days
      </h2>
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <Grid gap={3} minWidth="11rem">
          {data === undefined
            ? Array.from({ length: 8 }, (_, i) => (
                <Card key={i}>
                  <Skeleton lines={3} />
                </Card>
              ))
            : businessTiles(data).map(({ link, ...tile }) => (
                <TileLink key={tile.label} {...link}>
                  <Card>
                    <Stat {...tile} />
                  </Card>
                </TileLink>
              ))}
        </Grid>
      )}
    </section>
  )
}
