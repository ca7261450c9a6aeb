import { Button } from '../../../ui/button.tsx'
import { Disclosure } from '../../../ui/disclosure.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TextInput } from '../../../ui/text-input.tsx'

interface PromotionCodeProps {
  readonly code: string | undefined
  /** Looks at the offer with this code; undefined is without. Rejects when the code takes nothing off. */
  readonly onApply: (code: string | undefined) => Promise<unknown>
}

/** Where a promotion code is typed in, or what became of it. */
export function PromotionCode({ code, onApply }: PromotionCodeProps) {
  if (code !== undefined) {
    return (
      <Stack direction="row" gap={3} canWrap>
        <span>
          With promotion code <strong>{code.toUpperCase()}</strong>
        </span>
        <Button size="sm" onClick={() => void onApply(undefined)}>
          Remove code
        </Button>
      </Stack>
    )
  }
  return (
    <Disclosure label="I have a promotion code">
      <Form onSubmit={(values) => onApply(textOf(values, 'promotionCode'))}>
        <Field name="promotionCode" label="Promotion code" hint="Capitals do not matter.">
          <TextInput
            required
            isMono
            minLength={3}
            maxLength={40}
            pattern="[A-Za-z0-9_\-]+"
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Stack direction="row">
          <SubmitButton variant="secondary">Apply code</SubmitButton>
        </Stack>
      </Form>
    </Disclosure>
  )
}
