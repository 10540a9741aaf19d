/* <filter-sheet>: on a phone the filters open as a real dialog (focus stays in, Escape closes); `:target` does it without JavaScript. */
class FilterSheet extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector('.facets')
    const sheet = document.createElement('dialog')
    sheet.setAttribute('aria-label', form.getAttribute('aria-label'))
    sheet.addEventListener('close', () => {
      this.append(form)
      sheet.remove()
      this.opener?.focus()
    })
    document.addEventListener('click', event => {
      const link = event.target.closest(`a[href="#${form.id}"]`)
      if (link) {
        event.preventDefault()
        this.opener = link
        this.append(sheet)
        sheet.append(form)
        sheet.showModal()
      } else if (sheet.open && event.target.closest('[data-close]')) {
        event.preventDefault()
        sheet.close()
      }
    })
    matchMedia('(min-width: 62em)').addEventListener('change', wide => wide.matches && sheet.open && sheet.close())
  }
}
customElements.define('filter-sheet', FilterSheet)
