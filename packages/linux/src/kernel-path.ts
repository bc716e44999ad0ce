/** A path of bytes in latin1 text as the kernel takes it: those bytes and a NUL. A path with a NUL in it ends there. */
export function pathForKernel(path: string): Buffer {
  return Buffer.from(`${path}\0`, 'latin1')
}
