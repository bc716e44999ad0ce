import { Badge } from '@fluentui/react-components'
import type { ContentText } from '@tidemark/model'
import type { ReactNode } from 'react'

import { bytesText } from '../view/text.ts'
import { Download } from './download.tsx'

/** A kept version, and what it is called here. */
export interface ShownVersion {
  readonly title: 'Before' | 'After'
  readonly content: Omit<ContentText, 'text'>
}

export interface VersionsProps {
  readonly versions: readonly ShownVersion[]
}

/** What is to be known of each version: how large it is, what is hidden or cut off, where to download it. */
export function VersionHeads({ versions, fileName }: VersionsProps & { readonly fileName: string }): ReactNode {
  return (
    <div className="versions">
      {versions.map(({ title, content }) => (
        <p key={title} className="facts" data-testid={`version-${title}`}>
          <strong>{title}</strong>
          <span>{sizeText(content.size)}</span>
          {notesOf(content).map((note) => (
            <Badge key={note} appearance="tint" color="warning">
              {note}
            </Badge>
          ))}
          {content.isText && content.encoding !== 'utf-8' ? <span>{content.encoding}</span> : null}
          <Download hash={content.hash} fileName={fileName} which={title.toLowerCase()} />
        </p>
      ))}
    </div>
  )
}

function notesOf({ isText, isTruncated, redactionCount }: Omit<ContentText, 'text'>): string[] {
  const secrets = redactionCount === 1 ? '1 likely secret is hidden' : `${redactionCount} likely secrets are hidden`
  return [
    ...(isText ? [] : ['binary']),
    ...(redactionCount > 0 ? [secrets] : []),
    ...(isText && isTruncated ? ['only the beginning is shown'] : []),
  ]
}

/** Sizes and hashes, for what is no text. */
export function BinaryFacts({ versions }: VersionsProps): ReactNode {
  return (
    <>
      <p className="note">
        {versions.length === 1 ? 'This is no text' : 'At least one version is no text'}, so only sizes and hashes are
        told.
      </p>
      <table className="properties" data-testid="binary-facts">
        <thead>
          <tr>
            <th scope="col">Property</th>
            {versions.map(({ title }) => (
              <th key={title} scope="col">
                Value {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Size</th>
            {versions.map(({ title, content }) => (
              <td key={title}>{sizeText(content.size)}</td>
            ))}
          </tr>
          <tr>
            <th scope="row">SHA-256</th>
            {versions.map(({ title, content }) => (
              <td key={title}>
                <code>{content.hash}</code>
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </>
  )
}

function sizeText(bytes: number): string {
  const exact = `${bytes.toLocaleString()} ${bytes === 1 ? 'byte' : 'bytes'}`
  return bytes < 1_024 ? exact : `${exact} (${bytesText(bytes)})`
}
