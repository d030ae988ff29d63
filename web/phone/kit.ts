/* The Vant parts this client uses, each with its own style only. The icon font is left out: icons
 * are drawn in CSS or SVG. Pages import from here, so what is loaded stands in one place. */
import 'vant/es/style/base.css'
import 'vant/es/button/index.css'
import 'vant/es/loading/index.css'
import 'vant/es/overlay/index.css'
import 'vant/es/popup/index.css'
import 'vant/es/dialog/index.css'

export { Button as VanButton } from 'vant/es/button'
export { Loading as VanLoading } from 'vant/es/loading'
export { Popup as VanPopup } from 'vant/es/popup'
export { showConfirmDialog } from 'vant/es/dialog'
