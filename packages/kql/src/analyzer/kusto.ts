import { createRequire } from 'node:module'

import type { ColumnType } from '@tidemark/model'

import type { KqlTable } from '../contract.ts'

/** A node of the analyzer's tree, as far as it is read here. Offsets are UTF-16 units of the query text. */
export interface SyntaxNode {
  readonly Kind: number
  readonly TextStart: number
  readonly Width: number
  readonly ChildCount: number
  readonly IsToken: boolean
  readonly Text?: string
  readonly LiteralValue?: unknown
  readonly ResultType?: TypeSymbol | null
  readonly ReferencedSymbol?: { readonly Name: string; readonly $kind?: string } | null
  GetChild(index: number): SyntaxNode | null
  /** Of a call: the body of the query's own function, bound to the arguments of this call. */
  GetCalledFunctionBody?(): SyntaxNode | null
}

/** A type: of one value by its name, or of a table by its columns. */
export interface TypeSymbol {
  readonly Name: string
  readonly Columns?: List<{ readonly Name: string; readonly Type: { readonly Name: string } }> | null
}

interface List<T> {
  readonly Count: number
  getItem?(index: number): T
}

/** What the analyzer finds wrong. */
export interface Finding {
  readonly code: string
  readonly message: string
  readonly offset: number
  readonly length: number
}

/** A query understood by Microsoft's own parser and binder. */
export interface Analysis {
  readonly root: SyntaxNode
  readonly findings: readonly Finding[]
}

/** The library's service for editors, as far as it is used here. */
export interface EditorService {
  GetCompletionItems(position: number): {
    readonly Items: List<{
      readonly Kind: number
      readonly DisplayText: string | null
      readonly MatchText: string | null
      readonly BeforeText: string | null
      readonly AfterText: string | null
    }>
    readonly EditStart: number
    readonly EditLength: number
  }
  GetQuickInfo(position: number): { readonly Text: string | null }
  GetFormattedText(): { readonly Text: string | null }
}

/** A function of the library, as far as it is used here. */
export interface FunctionSymbol {
  readonly Name: string
  readonly Signatures: List<{
    readonly Parameters: List<{ readonly Name: string }>
    readonly HasRepeatableParameters: boolean
  }>
}

interface GlobalState {
  WithDatabase(database: unknown): GlobalState
  GetFunction(name: string): FunctionSymbol | null
  GetAggregate(name: string): FunctionSymbol | null
}

interface Kusto {
  readonly Language: {
    readonly Editor: {
      readonly KustoCodeService: { readonly $ctor1: new (text: string, globals: unknown) => EditorService }
      readonly CompletionKind: Readonly<Record<string, unknown>>
    }
    readonly KustoCode: {
      ParseAndAnalyze(
        text: string,
        globals: unknown,
      ): {
        readonly Syntax: SyntaxNode
        GetDiagnostics(): List<{ Code: string; Severity: string; Message: string; Start: number; Length: number }>
      }
    }
    readonly GlobalState: { readonly Default: GlobalState }
    readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> }
    readonly Symbols: {
      readonly ScalarTypes: Readonly<Record<string, unknown>>
      readonly ColumnSymbol: new (name: string, type: unknown) => unknown
      readonly TableSymbol: { readonly $ctor6: new (name: string, columns: unknown) => unknown }
      readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: readonly unknown[]) => unknown }
    }
  }
}

interface Bridge {
  readonly Kusto: Kusto
  readonly System: {
    readonly Array: { getItem<T>(list: List<T>, index: number): T }
    readonly Collections: {
      readonly Generic: { List$1(type: unknown): { readonly ctor: new () => { add(item: unknown): void } } }
    }
  }
}

let loaded: Bridge | undefined

// The library is .NET code that was translated to scripts; they put their names on the global object.
function bridge(): Bridge {
  if (loaded) return loaded
  const require = createRequire(import.meta.url)
  require('@kusto/language-service-next/bridge.min.js')
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
  const names: { readonly Kusto?: Kusto; readonly System?: Bridge['System'] } = Object.create(globalThis)
  const { Kusto, System } = names
  if (Kusto === undefined || System === undefined) throw new Error('the analyzer did not load')
  loaded = { Kusto, System }
  return loaded
}

const SCALARS: Readonly<Record<ColumnType, string>> = {
  bool: 'Bool',
  datetime: 'DateTime',
  decimal: 'Decimal',
  dynamic: 'Dynamic',
  guid: 'Guid',
  int: 'Int',
  long: 'Long',
  real: 'Real',
  string: 'String',
  timespan: 'TimeSpan',
}

const globalsByTables = new WeakMap<Readonly<Record<string, KqlTable>>, GlobalState>()

function globalsOf(tables: Readonly<Record<string, KqlTable>>): GlobalState {
  const known = globalsByTables.get(tables)
  if (known !== undefined) return known
  const { Kusto, System } = bridge()
  const { ScalarTypes, ColumnSymbol, TableSymbol, DatabaseSymbol } = Kusto.Language.Symbols
  const symbols = Object.values(tables).map(({ name, columns }) => {
    const list = new (System.Collections.Generic.List$1(ColumnSymbol).ctor)()
    for (const column of columns) list.add(new ColumnSymbol(column.name, ScalarTypes[SCALARS[column.type]]))
    return new TableSymbol.$ctor6(name, list)
  })
  const globals = Kusto.Language.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor('Workspace', symbols))
  globalsByTables.set(tables, globals)
  return globals
}

/** Parses and binds a text against the tables. Throws what the library throws (a text nested too deep, for one). */
export function analyse(text: string, tables: Readonly<Record<string, KqlTable>>): Analysis {
  const code = bridge().Kusto.Language.KustoCode.ParseAndAnalyze(text, globalsOf(tables))
  const findings = items(code.GetDiagnostics())
    .filter(({ Severity }) => Severity === 'Error')
    .map((one) => ({ code: one.Code, message: one.Message, offset: one.Start, length: one.Length }))
  return { root: code.Syntax, findings }
}

/** The library's service over a text. */
export function editorService(text: string, tables: Readonly<Record<string, KqlTable>>): EditorService {
  return new (bridge().Kusto.Language.Editor.KustoCodeService.$ctor1)(text, globalsOf(tables))
}

/** A built-in function or aggregate by its name. */
export function builtIn(name: string, tables: Readonly<Record<string, KqlTable>>): FunctionSymbol | undefined {
  const globals = globalsOf(tables)
  return globals.GetFunction(name) ?? globals.GetAggregate(name) ?? undefined
}

let completionKinds: ReadonlyMap<number, string> | undefined

/** The name of a completion's kind, such as `Column`. */
export function completionKindOf(kind: number): string {
  completionKinds ??= new Map(
    Object.entries(bridge().Kusto.Language.Editor.CompletionKind).flatMap(([name, value]) =>
      typeof value === 'number' ? [[value, name]] : [],
    ),
  )
  return completionKinds.get(kind) ?? 'Unknown'
}

let kindNames: ReadonlyMap<number, string> | undefined

/** The name of a node's kind, such as `FilterOperator`. */
export function kindOf(node: SyntaxNode): string {
  kindNames ??= new Map(
    Object.entries(bridge().Kusto.Language.Syntax.SyntaxKind).flatMap(([name, kind]) =>
      typeof kind === 'number' ? [[kind, name]] : [],
    ),
  )
  return kindNames.get(node.Kind) ?? `kind ${node.Kind}`
}

/** The children of a node that are not tokens; the elements of a list without their separators. */
export function partsOf(node: SyntaxNode): SyntaxNode[] {
  const parts: SyntaxNode[] = []
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index)
    if (child === null || child.IsToken) continue
    const element = kindOf(child) === 'SeparatedElement' ? child.GetChild(0) : child
    if (element !== null) parts.push(element)
  }
  return parts
}

/** The tokens directly below a node. */
export function tokensOf(node: SyntaxNode): SyntaxNode[] {
  const tokens: SyntaxNode[] = []
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index)
    if (child?.IsToken) tokens.push(child)
  }
  return tokens
}

/** Whether a node stands for a table. */
export function isTable(node: SyntaxNode): boolean {
  const columns = node.ResultType?.Columns
  return columns !== null && columns !== undefined
}

/** Columns of a table's type, with their names as Kusto gives them. */
export function columnsOf(node: SyntaxNode): { readonly name: string; readonly type: string }[] {
  const list = node.ResultType?.Columns
  return list ? items(list).map(({ Name, Type }) => ({ name: Name, type: Type.Name })) : []
}

/** The elements of one of the library's lists. */
export function items<T>(list: List<T>): T[] {
  const found: T[] = []
  for (let index = 0; index < list.Count; index += 1) {
    found.push(list.getItem ? list.getItem(index) : bridge().System.Array.getItem(list, index))
  }
  return found
}
