import type { QueryCell } from '@tidemark/model'
import type { ReactNode } from 'react'

import { timeText } from './text.ts'

/** A moment in the viewer's zone, with the same in UTC in its tooltip. The day stands apart: narrow pages leave it out. */
export function Moment({ time }: { readonly time: QueryCell | undefined }): ReactNode {
  const [day = '', clock = ''] = timeText(time).split(' ')
  if (day === '') return null
  return (
    <time dateTime={String(time)} title={`${day} ${clock}\n${utcText(time)}`}>
      <span className="time-day">{day} </span>
      {clock}
    </time>
  )
}

/** A moment in UTC, to the digit that is told: `2026-01-02 03:04:05.1200000 UTC`. Empty for what is no time. */
export function utcText(time: QueryCell | undefined): string {
  const text = String(time ?? '')
  const moment = new Date(text)
  if (Number.isNaN(moment.getTime())) return ''
  const fraction = /\.(\d*?)0*(?:Z|$)/.exec(text)?.[1] ?? ''
  const whole = moment.toISOString().slice(0, 19).replace('T', ' ')
  return `${fraction === '' ? whole : `${whole}.${fraction}`} UTC`
}
