import { Button } from '@fluentui/react-components'
import { ArrowDownload16Regular } from '@fluentui/react-icons'
import { contentLink } from '@tidemark/model'
import { type ReactNode, useState } from 'react'

import { apiPath } from '../api/base-path.ts'
import { askForDownload, RequestFailed } from '../api/client.ts'

export interface DownloadProps {
  /** SHA-256 of the content. */
  readonly hash: string
  /** Name to save it under. */
  readonly fileName: string
  /** Which version it is: `before`. */
  readonly which: string
}

/** Downloads a whole content as it is. Asks first whether the server gives it, so that a refusal is told here, in words. */
export function Download({ hash, fileName, which }: DownloadProps): ReactNode {
  const [problem, setProblem] = useState('')
  const download = async (): Promise<void> => {
    setProblem('')
    await askForDownload(hash)
    const link = document.createElement('a')
    link.href = apiPath(contentLink(hash))
    link.download = harmlessName(fileName)
    link.click()
  }
  return (
    <>
      <Button
        size="small"
        appearance="subtle"
        icon={<ArrowDownload16Regular />}
        title="The whole content as it is, secrets included"
        aria-label={`Download the version ${which}`}
        onClick={() => void download().catch((error: unknown) => setProblem(problemText(error)))}
      >
        Download
      </Button>
      {problem === '' ? null : <span role="alert">{problem}</span>}
    </>
  )
}

function problemText(error: unknown): string {
  if (error instanceof RequestFailed && error.status === 403)
    return 'You may not download contents: they hold the secrets that are hidden here. Ask whoever runs this server for that right.'
  return `It cannot be downloaded now: ${error instanceof Error ? error.message : String(error)}`
}

/** A name that a browser may save a file as: machines may name files as they like. */
function harmlessName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_').slice(0, 100) || 'content'
}
