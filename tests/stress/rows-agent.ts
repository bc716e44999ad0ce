import { systemClock } from '@tidemark/base'
import { type ForwardServer, listenForward, socketAddress } from '@tidemark/forward'
import { socketNames } from '@tidemark/model'

const DCR = `dcr-${'0'.repeat(32)}`
const CHANGES = `${DCR}:CTDataSource-Linux:CONFIG_CHANGE_BLOB_V2`
const INVENTORY = `${DCR}:CTDataSource-Linux:CONFIG_DATA_BLOB_V2`

/** A row as change tracking handed it over. */
export type HandedRow = Readonly<Record<string, unknown>>

/** What the agent is to change tracking: gives it one rule and keeps the rows that it hands over. */
export class RowsAgent implements AsyncDisposable {
  readonly #servers: ForwardServer[] = []
  readonly #chunks = new Set<string>()
  readonly #settings: unknown
  /** Rows of changes and of visibility, in the order in which they came, each chunk once. */
  readonly changes: HandedRow[] = []
  inventoryCount = 0
  /** Sequence numbers of all rows. */
  readonly sequence: number[] = []

  private constructor(settings: unknown) {
    this.#settings = settings
  }

  static async open(directory: string, settings: unknown): Promise<RowsAgent> {
    const agent = new RowsAgent(settings)
    for (const name of Object.values(socketNames))
      agent.#servers.push(
        await listenForward({
          address: socketAddress(name, directory),
          clock: systemClock,
          handler: {
            onMessage: async ({ tag, chunk, entries }) => {
              const isNew = chunk === undefined || !agent.#chunks.has(chunk)
              if (name === socketNames.changeTrackingLinux && isNew)
                agent.#take(
                  tag,
                  entries.map(({ record }) => ({ ...record })),
                )
              if (chunk !== undefined) agent.#chunks.add(chunk)
              return await Promise.resolve({ kind: 'accepted' as const })
            },
            onRequest: async (text) => await Promise.resolve(agent.#answer(text)),
          },
        }),
      )
    return agent
  }

  #take(tag: string, rows: readonly HandedRow[]): void {
    for (const row of rows) if (row['Sequence'] !== undefined) this.sequence.push(Number(row['Sequence']))
    if (tag === CHANGES) this.changes.push(...rows)
    else this.inventoryCount += rows.length
  }

  #answer(text: string): string {
    const { RequestId }: { RequestId: string } = JSON.parse(text)
    const configuration = {
      id: `${DCR}:CTDataSource-Linux`,
      originIds: ['/subscriptions/0/dataCollectionRules/stress'],
      extensionSettings: this.#settings,
      outputStreams: { CONFIG_CHANGE_BLOB_V2: CHANGES, CONFIG_DATA_BLOB_V2: INVENTORY },
    }
    const TaggedData = JSON.stringify({
      extensionName: 'ChangeTracking-Linux',
      extensionConfigurations: [configuration],
    })
    return JSON.stringify({
      Request: 'AgentTaggedData',
      RequestId,
      Version: '1',
      Success: true,
      Description: '',
      TaggedData,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.splice(0)) await server[Symbol.asyncDispose]()
  }
}
