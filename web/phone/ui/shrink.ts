/* Photos are made smaller on the phone before they are kept: a camera's 8 MB would fill the store
 * and the mobile data. What cannot be drawn (a PDF scan, an unknown format) stays as it is; the
 * server checks and cleans every file anyway. */
const LONG_SIDE = 1600
const QUALITY = 0.82

function draw(img: HTMLImageElement): HTMLCanvasElement {
  const scale = Math.min(1, LONG_SIDE / Math.max(img.naturalWidth, img.naturalHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(img.naturalWidth * scale)
  canvas.height = Math.round(img.naturalHeight * scale)
  canvas.getContext('2d')?.drawImage(img, 0, 0, canvas.width, canvas.height)
  return canvas
}

async function decode(file: File): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file)
  const img = new Image()
  img.src = url
  try {
    await img.decode()
  } finally {
    URL.revokeObjectURL(url)
  }
  return img
}

export async function shrink(file: File): Promise<File> {
  if (!file.type.startsWith('image/')) return file
  try {
    const canvas = draw(await decode(file))
    const blob = await new Promise<Blob | null>((r) => canvas.toBlob(r, 'image/jpeg', QUALITY))
    if (!blob || (blob.size >= file.size && file.type === 'image/jpeg')) return file
    return new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' })
  } catch {
    return file
  }
}
