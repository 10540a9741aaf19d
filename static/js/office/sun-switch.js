/* <sun-switch>: black on white for noon at the collection point, remembered on this phone. */
class SunSwitch extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector('button')
    const show = on => {
      document.documentElement.toggleAttribute('data-sun', on)
      button.setAttribute('aria-pressed', on)
    }
    button.hidden = false
    try { show(localStorage.sun === 'yes') } catch { /* storage may be closed to us */ }
    button.addEventListener('click', () => {
      const on = !document.documentElement.hasAttribute('data-sun')
      show(on)
      try { localStorage.sun = on ? 'yes' : 'no' } catch { /* the switch still works for this page */ }
    })
  }
}
customElements.define('sun-switch', SunSwitch)
