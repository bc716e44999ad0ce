import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { Empty } from '../view/states.tsx'
import { machineWords as words } from '../words/machines.ts'
import { useMachines } from './use-machines.ts'

/** Why a page of a new server is empty, and the way to the first machine; where there are machines, what else explains it. */
export function NothingHere({ children }: { readonly children: ReactNode }): ReactNode {
  const { data } = useMachines()
  if (data?.length !== 0) return children
  return (
    <Empty title={words.noMachine}>
      {words.nothingYet} <Link to="/machines">{words.add}</Link>
    </Empty>
  )
}
