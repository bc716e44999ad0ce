import type { IngestionCall } from '../azure/calls.ts'
import { IngestionPosting } from '../azure/posting.ts'
import { type Post, postUpload, type Sender } from './post.ts'

/** A way to send for each destination: by ODS, or by the Logs Ingestion API, as its channel says. */
export function postingOf(sender: Sender, call: IngestionCall): () => Post {
  return () => {
    const ingestion = new IngestionPosting({ call, clock: sender.clock })
    return async (upload, signal) => {
      const { channel } = upload
      return channel.protocol === 'ods'
        ? await postUpload(sender, { ...upload, channel }, signal)
        : await ingestion.post({ ...upload, channel }, signal)
    }
  }
}
