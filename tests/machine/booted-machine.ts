export { BootedMachine, whyNoMachine } from 'tidemark/testing'
