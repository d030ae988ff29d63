// What waits for the signed-in person among notices and questions: read when a page opens, never
// pushed.
import { defineStore } from 'pinia'
import { inbox_get, type InboxItem } from '@generated/api'

export const useInbox = defineStore('inbox', {
  state: () => ({ items: [] as InboxItem[] }),
  getters: {
    /** how many wait behind a page of the menu */
    at: (s) => (to: string) =>
      s.items.filter((x) => (to === '/notices' ? x.kind === 'sign' || x.kind === 'read' : to === '/questions' && (x.kind === 'answer' || x.kind === 'reply'))).length,
  },
  actions: {
    async read(): Promise<void> {
      try {
        this.items = (await inbox_get({})).items ?? []
      } catch {
        // the count is a help, not a page: it stays as it was
      }
    },
  },
})
