import { Button, Field, Input, Subtitle1 } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'

import { signIn } from '../api/client.ts'
import { signInWords as words } from '../words/states.ts'

/** Asks for the token; `onSignedIn` when the server took it. */
export function SignIn({
  complaint,
  onSignedIn,
}: {
  readonly complaint: string
  readonly onSignedIn: () => void
}): ReactNode {
  const [token, setToken] = useState('')
  const [wrong, setWrong] = useState(complaint)
  const submit = async (): Promise<void> => {
    try {
      await signIn(token)
      onSignedIn()
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <main className="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit().catch(() => undefined)
        }}
      >
        <Subtitle1 as="h1">{words.title}</Subtitle1>
        <Field
          label={words.token}
          hint={
            <>
              {words.hintBefore} <code>{words.tokenFile}</code> {words.hintAfter}
            </>
          }
          {...(wrong === '' ? {} : { validationMessage: wrong })}
        >
          <Input
            type="password"
            value={token}
            autoComplete="current-password"
            onChange={(_, data) => setToken(data.value)}
          />
        </Field>
        <Button type="submit" appearance="primary" disabled={token === ''}>
          {words.submit}
        </Button>
      </form>
    </main>
  )
}
