import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { apiPath } from '../api/base-path.ts'
import { Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { aboutWords as words } from '../words/frame.ts'

interface Licence {
  readonly name: string
  readonly version: string
  readonly licence: string
}

/** What these pages are made of, as the build wrote it beside them; read when it is opened. */
export function Licences(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="licences" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.licences}</summary>
      {isOpen ? <List /> : null}
    </details>
  )
}

function List(): ReactNode {
  const { data, error } = useQuery({ queryKey: ['licences'], queryFn: licences, retry: false })
  if (error) return <p className="note">{words.licencesGone}</p>
  if (data === undefined) return <Loading />
  return (
    <>
      <p className="note">{words.licencesHelp}</p>
      <table className="properties kept">
        <thead>
          <tr>
            <th scope="col">{words.component}</th>
            <th scope="col">{words.version}</th>
            <th scope="col">{words.licence}</th>
          </tr>
        </thead>
        <tbody>
          {data.map(({ name, version, licence }) => (
            <tr key={name} data-testid="licence">
              <th scope="row">{safeText(name)}</th>
              <td>{safeText(version)}</td>
              <td>{safeText(licence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

async function licences(): Promise<readonly Licence[]> {
  const answer = await fetch(apiPath('/licences.json'))
  const list: unknown = await answer.json()
  return Array.isArray(list) ? list.filter(isLicence) : []
}

function isLicence(value: unknown): value is Licence {
  return typeof value === 'object' && value !== null && 'name' in value && 'version' in value && 'licence' in value
}
