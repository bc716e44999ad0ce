import { spawn } from 'node:child_process'

const TAIL_CHARS_MAX = 64 * 1024

/**
 * Runs a program to its end. Gives `{ code, output }`: the last 64 KiB of what it said where `stdio` was piped.
 * A program that is not there gives code 127, one that a signal ended 128 and more, as in a shell.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-TAIL_CHARS_MAX)
    }
    child.stdout?.setEncoding('utf8').on('data', keep)
    child.stderr?.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }))
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 143), output }))
  })
}

/**
 * Runs a program in a process group of its own and hands it SIGINT, SIGTERM and SIGHUP exactly once each time they
 * are sent to us. Ctrl-C reaches every process of the terminal's group, and npm passes it on once more: a program that
 * takes a second Ctrl-C for "now!" would never end cleanly.
 */
export function runAlone(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', detached: true, ...options })
    const unhook = passSignals((signal) => child.kill(signal))
    const end = (result) => {
      unhook()
      resolve(result)
    }
    child.on('error', (error) => end({ code: 127, output: error.message }))
    child.on('close', (code, signal) => end({ code: code ?? (signal === 'SIGINT' ? 130 : 143), output: '' }))
  })
}

// Two copies of one Ctrl-C (the terminal's and npm's) arrive within a few milliseconds; a person needs longer.
const SAME_PRESS_MS_MAX = 500

function passSignals(kill) {
  const hooks = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    let passedAtMs = -Infinity
    const pass = () => {
      const nowMs = performance.now()
      if (nowMs - passedAtMs > SAME_PRESS_MS_MAX) kill(signal)
      passedAtMs = nowMs
    }
    process.on(signal, pass)
    return () => process.off(signal, pass)
  })
  return () => {
    for (const unhook of hooks) unhook()
  }
}
