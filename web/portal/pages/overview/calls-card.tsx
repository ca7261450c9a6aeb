import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../ui/card.tsx'
import { Link } from '../../../ui/link.tsx'
import { paths } from '../../paths.ts'
import { metersQuery } from '../../queries.ts'
import { UsageChart } from '../usage/usage-chart.tsx'

/** The last month of what is counted first. */
export function CallsCard() {
  const { data: meters } = useQuery(metersQuery)
  const meter = meters?.data[0]
  if (meter === undefined) return null
  return (
    <Card title={`${meter.name}, last 30 days`} actions={<Link to={paths.usage}>All usage</Link>}>
      <UsageChart meter={meter} range="month" view="each" quota={undefined} />
    </Card>
  )
}
