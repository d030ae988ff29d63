// The last crumb and page title when a page knows better than its route (a firm's name).
import { ref } from 'vue'
import { texts } from '@shared/texts'

export const crumbTail = ref('')

export function setPageTitle(title: string): void {
  document.title = title ? `${title} - ${texts.productShort}` : texts.product
}

/** Names the page after what it shows; cleared when the route changes. */
export function nameCrumb(text: string): void {
  crumbTail.value = text
  setPageTitle(text)
}
