/* <print-page>: a button that prints, shown only where scripts run; the browser's own menu prints as well. */
class PrintPage extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector('button')
    button.hidden = false
    button.addEventListener('click', () => window.print())
  }
}
customElements.define('print-page', PrintPage)
