/* The phone's service worker: the application opens without a network.
 *
 * Method: the build puts the list of files of this version into __PRECACHE__. Installing stores all
 * of them in one cache named by the version; activating deletes the caches of other versions. Page
 * loads under /m/ get the stored shell, its hashed files come from the same cache, so one version
 * is always whole. The interface (/api/) is never cached here: answers are kept per account in
 * IndexedDB and wiped on sign-out. A new version waits until the page asks for it, so that it
 * cannot change under a half-finished form. */
declare const __VERSION__: string
declare const __PRECACHE__: string[]
declare const self: ServiceWorkerGlobalScope

const PREFIX = 'zhian-phone-'
const CACHE = PREFIX + __VERSION__
const SHELL = '/m/'

async function install(): Promise<void> {
  const cache = await caches.open(CACHE)
  // no-store for the shell only: hashed files may come from the browser's own cache
  await cache.addAll(__PRECACHE__.map((f) => new Request(f, { cache: f === SHELL ? 'no-store' : 'default' })))
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys()
  const old = names.filter((n) => n.startsWith(PREFIX) && n !== CACHE)
  await Promise.all(old.map((n) => caches.delete(n)))
}

async function activate(): Promise<void> {
  await dropOthers()
  await self.clients.claim()
}

/* The shell first: it is instant, and it is what matches the stored files. */
async function shell(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(SHELL)) ?? fetch(request)
}

async function file(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request)
}

function isShell(request: Request, url: URL): boolean {
  return request.mode === 'navigate' && (url.pathname === SHELL || url.pathname === '/m/index.html')
}

self.addEventListener('install', (e) => e.waitUntil(install()))
self.addEventListener('activate', (e) => e.waitUntil(activate()))

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname.startsWith('/api/')) return
  if (isShell(e.request, url)) e.respondWith(shell(e.request))
  else if (url.pathname.startsWith('/m/')) e.respondWith(file(e.request))
})

/* The page says when it is ready for the new version. */
self.addEventListener('message', (e) => {
  if (e.data === 'use-new-version') void self.skipWaiting()
})

export {}
