import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { clone } from 'tidemark/testing'

import { Authority } from './authority.ts'
import { FleetMachine, TRACKED } from './fleet-machine.ts'
import { FleetServer } from './fleet-server.ts'
import { Front } from './front.ts'
import { Ledger } from './ledger.ts'
import { FleetNetwork } from './network.ts'

const PUBLIC_PORT = 8437
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64'
const run = promisify(execFile)

/** Machines with the package, a network, a front and a server behind it. */
export class Fleet implements AsyncDisposable {
  readonly folder: string
  readonly authority: Authority
  readonly #stack: AsyncDisposableStack
  readonly network: FleetNetwork
  readonly server: FleetServer
  readonly front: Front
  readonly ledger: Ledger

  private constructor(parts: {
    readonly folder: string
    readonly stack: AsyncDisposableStack
    readonly network: FleetNetwork
    readonly server: FleetServer
    readonly front: Front
    readonly authority: Authority
  }) {
    this.folder = parts.folder
    this.#stack = parts.stack
    this.network = parts.network
    this.server = parts.server
    this.front = parts.front
    this.authority = parts.authority
    this.ledger = new Ledger(parts.server)
  }

  static async open(): Promise<Fleet> {
    mkdirSync('/var/tmp/tidemark-tests', { recursive: true })
    await using stack = new AsyncDisposableStack()
    const folder = mkdtempSync('/var/tmp/tidemark-tests/fleet-')
    stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
    const network = stack.use(FleetNetwork.open())
    const [address, port] = [network.address, await freePort()]
    const publicUrl = `https://${address}:${PUBLIC_PORT}`
    const server = stack.use(new FleetServer({ state: join(folder, 'server'), port, publicUrl }))
    const authority = new Authority()
    const certificate = authority.sign('server', address)
    const places = { address, port: PUBLIC_PORT, serverPort: port }
    const front = stack.use(await Front.open({ ...places, certificate, authority: authority.certificate }))
    const fleet = new Fleet({ folder, stack: stack.move(), network, server, front, authority })
    try {
      await Promise.all([fleet.#startServer(), fleet.package('1.0.0')])
      return fleet
    } catch (error) {
      await fleet[Symbol.asyncDispose]()
      throw error
    }
  }

  async #startServer(): Promise<void> {
    await this.server.start()
    await this.server.track([TRACKED])
  }

  get url(): string {
    return `https://${this.network.address}:${PUBLIC_PORT}`
  }

  /** The package of a version, built from this clone. */
  async package(version: string): Promise<string> {
    const build = join(clone, 'tools/package/build.ts')
    const words = ['--out', this.folder, '--format', 'deb', '--fast', '--version', version]
    await run(process.execPath, [build, ...words, '--arch', process.arch])
    return join(this.folder, `tidemark-agent_${version}_${ARCHITECTURE}.deb`)
  }

  /** A machine that has the package and is known to the server; gone with the fleet. */
  async add(name: string, version: string): Promise<FleetMachine> {
    const machineId = Buffer.from(name.padEnd(16, '.')).toString('hex')
    const machine = this.#stack.use(await FleetMachine.boot(name, this.network.plug(), machineId))
    await machine.install(join(this.folder, `tidemark-agent_${version}_${ARCHITECTURE}.deb`))
    const own = this.authority.sign('client', name)
    await machine.prepare({ authority: this.authority.certificate, own })
    await machine.enroll(this.url, await this.enrolmentToken())
    await machine.untilReady()
    return machine
  }

  /** One that lets one machine in. */
  async enrolmentToken(): Promise<string> {
    const wish = { usesMax: 1, lifeSeconds: 3_600, description: 'the fleet of a test' }
    const made = (await this.server.api('/api/enrolment-tokens', wish)) as { token: string }
    return made.token
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
