import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import type { Server as HttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'

import { speakOldClickhouse } from './old-clickhouse.ts'

const CLICKHOUSE = '/usr/sbin/clickhouse-server'
const ZOOKEEPER = '/usr/share/java/zookeeper.jar'

/** Why there is no cluster here, as a test says when it is skipped; `undefined` where there is. */
export const noCluster =
  existsSync(CLICKHOUSE) && existsSync(ZOOKEEPER) && existsSync('/usr/bin/java')
    ? undefined
    : 'needs the Debian packages clickhouse-server and zookeeper'

/** Two ClickHouse servers of Debian, replicas of each other, and ZooKeeper: a cluster of a test's own. */
export class ThrowawayCluster implements AsyncDisposable {
  /** Addresses to speak with as with a ClickHouse of today. */
  urls: readonly string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidemark-cluster-'))
  readonly #processes = new Map<string, ChildProcess>()
  readonly #speakers: HttpServer[] = []
  #ports: readonly number[] = []

  private constructor() {}

  /** Resolves when both answer and know each other. */
  static async start(): Promise<ThrowawayCluster> {
    const cluster = new ThrowawayCluster()
    cluster.#ports = await freePorts(7)
    cluster.#writeSettings()
    cluster.#startZookeeper()
    // A node that does not find it at its start crashes at its first ON CLUSTER.
    while (!(await isServing(cluster.#ports[0] ?? 0))) await systemClock.sleep(50)
    for (const index of [0, 1]) cluster.startNode(index)
    cluster.urls = await Promise.all([0, 1].map(async (index) => await cluster.#speak(index)))
    for (const index of [0, 1]) await cluster.untilNode(index)
    return cluster
  }

  /** Starts a node again that was ended. */
  startNode(index: number): void {
    const config = `--config-file=${join(this.#folder, `node-${index}.xml`)}`
    this.#processes.set(`node-${index}`, spawn(CLICKHOUSE, [config], { stdio: 'ignore' }))
  }

  /** Ends a node as a crash does. */
  async killNode(index: number): Promise<void> {
    await this.#end(`node-${index}`)
  }

  async untilNode(index: number): Promise<void> {
    for (;;) {
      const isThere = await this.ask(index, "SELECT count() FROM system.zookeeper WHERE path = '/'").then(
        () => true,
        () => false,
      )
      if (isThere) return
      if (this.#processes.get(`node-${index}`)?.exitCode) throw new Error(`node ${index} ended`)
      await systemClock.sleep(100)
    }
  }

  /** Asks one node, in its own words. */
  async ask(index: number, sql: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#port(index, 'http')}/`, { method: 'POST', body: sql })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.text()).trim()
  }

  #port(index: number, what: 'http' | 'tcp' | 'interserver'): number {
    return this.#ports[1 + index * 3 + ['http', 'tcp', 'interserver'].indexOf(what)] ?? 0
  }

  async #speak(index: number): Promise<string> {
    const speaker = speakOldClickhouse(`http://127.0.0.1:${this.#port(index, 'http')}`)
    this.#speakers.push(speaker)
    return await new Promise((resolve) => {
      speaker.listen(0, '127.0.0.1', () => {
        const address = speaker.address()
        resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
      })
    })
  }

  #startZookeeper(): void {
    const settings = join(this.#folder, 'zoo.cfg')
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    const args = [
      '-Xmx64m',
      '-XX:TieredStopAtLevel=1',
      '-Dzookeeper.admin.enableServer=false',
      '-cp',
      ZOOKEEPER,
      main,
      settings,
    ]
    this.#processes.set('zookeeper', spawn('java', args, { cwd: this.#folder, stdio: 'ignore' }))
  }

  #writeSettings(): void {
    const { port: zookeeper } = { port: this.#ports[0] ?? 0 }
    mkdirSync(join(this.#folder, 'zookeeper'))
    writeFileSync(
      join(this.#folder, 'zoo.cfg'),
      `tickTime=500\ndataDir=${join(this.#folder, 'zookeeper')}\nclientPortAddress=127.0.0.1\nclientPort=${zookeeper}\n`,
    )
    writeFileSync(join(this.#folder, 'users.xml'), USERS)
    for (const index of [0, 1])
      writeFileSync(join(this.#folder, `node-${index}.xml`), this.#nodeSettings(index, zookeeper))
  }

  #nodeSettings(index: number, zookeeper: number): string {
    const folder = join(this.#folder, `node-${index}`)
    const replicas = [0, 1].map(
      (each) => `<replica><host>127.0.0.1</host><port>${this.#port(each, 'tcp')}</port></replica>`,
    )
    return `<yandex>
      <logger><level>error</level><log>${folder}.log</log><errorlog>${folder}.err</errorlog></logger>
      <http_port>${this.#port(index, 'http')}</http_port><tcp_port>${this.#port(index, 'tcp')}</tcp_port>
      <interserver_http_port>${this.#port(index, 'interserver')}</interserver_http_port>
      <interserver_http_host>127.0.0.1</interserver_http_host><listen_host>127.0.0.1</listen_host>
      <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><users_config>${join(this.#folder, 'users.xml')}</users_config>
      <default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>100000000</mark_cache_size>
      <zookeeper><node><host>127.0.0.1</host><port>${zookeeper}</port></node><session_timeout_ms>4000</session_timeout_ms></zookeeper>
      <macros><shard>1</shard><replica>${index}</replica></macros>
      <remote_servers><tidemark><shard><internal_replication>true</internal_replication>${replicas.join('')}</shard></tidemark></remote_servers>
      <distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
    </yandex>`
  }

  async #end(name: string): Promise<void> {
    const running = this.#processes.get(name)
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const speaker of this.#speakers) {
      speaker.closeAllConnections()
      await new Promise((resolve) => speaker.close(resolve))
    }
    for (const name of this.#processes.keys()) await this.#end(name)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const USERS = `<yandex>
  <profiles><default><allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>`

// It listens before it serves: `srvr` tells (ZooKeeper administrator's guide, the four letter words).
async function isServing(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.end('srvr'))
    socket.setEncoding('utf8').on('data', (piece: string) => void (text += piece))
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(text.includes('Mode: ')))
  })
}

/** Ports that are free at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(
    Array.from({ length: count }, async () => {
      const listener = createServer()
      return await new Promise<Server>((resolve) => listener.listen(0, '127.0.0.1', () => resolve(listener)))
    }),
  )
  return await Promise.all(
    listeners.map(async (listener) => {
      const address = listener.address()
      await new Promise((resolve) => listener.close(resolve))
      return typeof address === 'object' && address !== null ? address.port : 0
    }),
  )
}
