import { Card } from './card.tsx'
import { type CreditAccount, creditWords, restrictedWords, unitName } from './credit-words.ts'
import { Grid } from './grid.tsx'
import { Stat } from './stat.tsx'

interface CreditBalancesProps {
  readonly account: CreditAccount
  /** Who holds what is reserved: `held for calls under way`. */
  readonly held: string
  /** What a debt is to whoever reads this: `owed`. */
  readonly owed: string
}

/** What can be spent of each unit, with what the number leaves out. */
export function CreditBalances({ account, held, owed }: CreditBalancesProps) {
  return (
    <Grid gap={4} minWidth="14rem">
      {account.balances.map(({ unit, available, reserved, debt }) => (
        <Card key={unit}>
          <Stat
            label={unitName(unit)}
            value={creditWords(available, unit)}
            note={[
              restrictedWords(unit, account.grants),
              Number(reserved) > 0 && `${creditWords(reserved, unit)} ${held}`,
              Number(debt) > 0 && `${creditWords(debt, unit)} ${owed}`,
            ]
              .filter(Boolean)
              .join(', ')}
          />
        </Card>
      ))}
    </Grid>
  )
}
