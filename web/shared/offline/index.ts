/* Offline storage of the phone client: the public face of this folder. */
export { keep, kept, readThrough, type Kept } from './cache'
export { draftIds, dropDraft, loadDraft, saveDraft } from './drafts'
export { addFile, dropFiles, dropOrphans, getFile, markUploaded, toBlob } from './files'
export { deviceTime, newKey } from './key'
export {
  drain,
  enqueue,
  forget,
  getRow,
  nextDue,
  onOutbox,
  outboxRows,
  retryNow,
  setupOutbox,
  type Sender,
  type Verdict,
} from './outbox'
export { claim, currentOwner, pendingOf, release } from './owner'
export type { FileRow, OutboxRow } from './store'
