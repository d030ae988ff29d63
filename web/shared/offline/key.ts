/* Keys and times of records made on the phone. */
export { newKey } from '@shared/uuid'

/* deviceTime is the phone's own clock, sent beside the record; the server's receive time counts. */
export function deviceTime(): string {
  return new Date().toISOString()
}
