import './logs.css'

import { Button, Input, Select, Title2 } from '@fluentui/react-components'
import { Play20Regular, TextAlignLeft20Regular, Save20Regular, Stop20Regular } from '@fluentui/react-icons'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'

import { changedAddress } from '../view/address.ts'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { logsWords as words } from '../words/logs.ts'
import type { CodeEditor } from './code-editor.ts'
import { Editor, format } from './editor.tsx'
import { type LogsSearch, remembered, type TimespanName, timespans } from './logs-view.ts'
import { Results } from './results.tsx'
import { SideBar } from './side-bar.tsx'
import { savedIn, textsIn, useStored } from './stored.ts'
import { type Outcome, useRun } from './use-run.ts'

/** *Logs*: questions in KQL over every table. */
export function LogsPage(): ReactNode {
  const { search, editorRef, outcome, start, cancel, openRow, history } = useLogs()
  const [saved, setSaved] = useStored('tidemark-queries', savedIn)
  const runSelected = (): void => {
    const selected = editorRef.current?.selected()
    if (selected) start(selected.text, { offset: selected.offset, span: search.span })
  }
  const take = (query: string): void => {
    editorRef.current?.replace(query)
    start(query, { offset: 0, span: search.span })
  }
  const save = (name: string): void => {
    const query = editorRef.current?.text() ?? ''
    setSaved([{ name, query }, ...saved.filter((one) => one.name !== name)])
  }
  return (
    <section className="page logs" aria-labelledby="title">
      <Title2 as="h1" id="title">
        {words.title}
      </Title2>
      <div className="beside">
        <SideBar
          history={history}
          saved={saved}
          onInsert={(name) => editorRef.current?.insert(name)}
          onTake={take}
          onForget={(name) => setSaved(saved.filter((one) => one.name !== name))}
        />
        <div className="column">
          <Tools
            isRunning={outcome.kind === 'running'}
            span={search.span}
            onSpan={(span) => start(editorRef.current?.text() ?? '', { offset: 0, span })}
            onRun={runSelected}
            onCancel={cancel}
            onSave={save}
            onFormat={() => editorRef.current && format(editorRef.current)}
          />
          <Editor text={search.query ?? ''} label={words.editor} onRun={runSelected} editorRef={editorRef} />
          <div className="outcome" aria-live="polite">
            <Shown outcome={outcome} opened={search.row} retry={runSelected} onOpen={openRow} />
          </div>
        </div>
      </div>
    </section>
  )
}

/** Where a query that runs stands in the editor, and the time range that it is limited to. */
interface Start {
  readonly offset: number
  readonly span: TimespanName | undefined
}

/** The page's editor, the query that runs, and the address that tells both. */
function useLogs() {
  const search: LogsSearch = useSearch({ from: '/logs' })
  const navigate = useNavigate({ from: '/logs' })
  const editorRef = useRef<CodeEditor>(undefined)
  const [history, setHistory] = useStored('tidemark-history', textsIn)
  const { outcome, run, cancel } = useRun()
  const ranRef = useRef<Start & { readonly query: string }>({ query: '', offset: 0, span: search.span })
  const start = (query: string, { offset, span }: Start): void => {
    if (query.trim() === '') return
    ranRef.current = { query, offset, span }
    editorRef.current?.mark([], 0)
    setHistory(remembered(history, query))
    const next: LogsSearch = { query, ...(span === undefined ? {} : { span }) }
    run(next)
    navigate({ search: next }).catch(() => undefined)
  }
  const { query, span } = search
  // When the page is opened with a query, and when the back button leads to another one.
  useEffect(() => {
    if (query === undefined || (query === ranRef.current.query && span === ranRef.current.span)) return
    ranRef.current = { query, offset: 0, span }
    // What runs may be a part of the text that is there: then the text stays.
    if (editorRef.current?.text().includes(query) === false) editorRef.current.replace(query)
    run({ query, ...(span === undefined ? {} : { span }) })
  }, [query, span, run])
  useEffect(() => {
    if (outcome.kind === 'wrong') editorRef.current?.mark(outcome.problems, ranRef.current.offset)
  }, [outcome])
  const openRow = (row: number | undefined): void => {
    navigate({ search: (before: LogsSearch) => changedAddress(before, { row }) }).catch(() => undefined)
  }
  return { search, editorRef, outcome, start, cancel, openRow, history }
}

interface ToolsProps {
  readonly isRunning: boolean
  readonly span: TimespanName | undefined
  readonly onSpan: (span: TimespanName | undefined) => void
  readonly onRun: () => void
  readonly onCancel: () => void
  readonly onSave: (name: string) => void
  readonly onFormat: () => void
}

function Tools({ isRunning, span, onSpan, onRun, onCancel, onSave, onFormat }: ToolsProps): ReactNode {
  const [name, setName] = useState('')
  return (
    <div className="toolbar">
      {isRunning ? (
        <Button key="cancel" className="run-button" icon={<Stop20Regular />} onClick={onCancel}>
          {words.cancel}
        </Button>
      ) : (
        <Button
          key="run"
          className="run-button"
          appearance="primary"
          icon={<Play20Regular />}
          title={words.runTitle}
          onClick={onRun}
        >
          {words.run}
        </Button>
      )}
      <Button icon={<TextAlignLeft20Regular />} title={words.formatTitle} onClick={onFormat}>
        {words.format}
      </Button>
      <label className="labelled">
        {words.timeRange}
        <Select
          value={span ?? ''}
          onChange={(_, { value }) => onSpan(Object.keys(timespans).find((one): one is TimespanName => one === value))}
        >
          <option value="">{words.inQuery}</option>
          {Object.keys(timespans).map((one) => (
            <option key={one} value={one}>
              {words.last(one)}
            </option>
          ))}
        </Select>
      </label>
      <form
        className="save-query"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() === '') return
          onSave(name.trim())
          setName('')
        }}
      >
        <Input
          value={name}
          placeholder={words.saveName}
          aria-label={words.saveName}
          maxLength={100}
          onChange={(_, data) => setName(data.value)}
        />
        <Button type="submit" icon={<Save20Regular />} title={words.saveTitle} disabled={name.trim() === ''}>
          {words.save}
        </Button>
      </form>
    </div>
  )
}

interface ShownProps {
  readonly outcome: Outcome
  readonly opened: number | undefined
  readonly retry: () => void
  readonly onOpen: (row: number | undefined) => void
}

function Shown({ outcome, opened, retry, onOpen }: ShownProps): ReactNode {
  switch (outcome.kind) {
    case 'nothing':
      return <Empty title={words.nothingRun}>{words.nothingRunHelp}</Empty>
    case 'running':
      return <Loading />
    case 'cancelled':
      return <p className="note">{words.cancelled}</p>
    case 'failed':
      return <Failure error={outcome.error} retry={retry} />
    case 'wrong':
      return (
        <div className="mistakes" role="alert" data-testid="mistakes">
          <strong>{words.wrong}</strong>
          <ul>
            {outcome.problems.map(({ line, column, message }) => (
              <li key={`${line} ${column} ${message}`}>
                {words.at(line, column)}: {message}
              </li>
            ))}
          </ul>
        </div>
      )
    case 'answered':
      return <Results answer={outcome.answer} opened={opened} onOpen={onOpen} />
  }
}
