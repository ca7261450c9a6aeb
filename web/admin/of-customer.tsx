import { useQuery } from '@tanstack/react-query'
import { Button } from '../ui/button.tsx'
import { shortId } from '../ui/format.ts'
import { Link } from '../ui/link.tsx'
import { Stack } from '../ui/stack.tsx'
import { paths } from './paths.ts'
import { customerQuery } from './queries.ts'

interface OfCustomerProps {
  readonly customerId: string | undefined
  readonly onClear: () => void
}

/** Says that a list shows one customer only, whom, and takes the restriction back. */
export function OfCustomer({ customerId, onClear }: OfCustomerProps) {
  if (customerId === undefined) return null
  return <Restriction customerId={customerId} onClear={onClear} />
}

function Restriction({
  customerId,
  onClear,
}: {
  readonly customerId: string
  readonly onClear: () => void
}) {
  const { data } = useQuery(customerQuery(customerId))
  return (
    <Stack direction="row" gap={2}>
      <span>
        Of{' '}
        <Link to={paths.customer} params={{ customerId }}>
          {data?.name ?? shortId(customerId)}
        </Link>
      </span>
      <Button size="sm" variant="ghost" onClick={onClear}>
        Show everyone’s
      </Button>
    </Stack>
  )
}
