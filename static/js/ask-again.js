/* <ask-again pieces="price ladder">: asks the same URL again and keeps only the named pieces (ids) of the answer.
   Without JavaScript the forms inside simply load the page. Pieces keep their own element, so live regions speak. */
class AskAgain extends HTMLElement {
  connectedCallback() {
    this.addEventListener('submit', this)
    this.addEventListener('change', this)
  }

  handleEvent(event) {
    const form = event.target.form ?? event.target
    const button = event.submitter
    if (event.type === 'change' && (!event.target.form || event.target.form.hasAttribute('data-wait'))) return
    const method = (event.type === 'submit' && button?.getAttribute('formmethod')) || form.getAttribute('method') || 'get'
    if (method.toLowerCase() !== 'get') {
      if (event.type === 'submit') return
      if (!this.hasAttribute('always')) return
    }
    if (event.type === 'submit') event.preventDefault()
    this.ask(form, button)
  }

  async ask(form, button) {
    const url = new URL(button?.getAttribute('formaction') || this.getAttribute('url') || form.getAttribute('action') || location.href, location)
    const fields = new FormData(form)
    if (button?.name) fields.append(button.name, button.value)
    url.search = new URLSearchParams([...fields].filter(([name, value]) => typeof value === 'string' && !name.startsWith('csrf')))
    const ticket = (this.ticket = Symbol())
    button?.setAttribute('aria-busy', 'true')
    try {
      const answer = await fetch(url, { headers: { 'X-Requested-With': 'ask-again' } })
      if (!answer.ok || answer.redirected) return location.assign(url)
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      if (ticket !== this.ticket) return // A later question is on its way; its answer is the one that counts.
      this.keep(page, button)
      history.replaceState(null, '', url)
    } catch {
      location.assign(url) // No network: let the browser say so in its own words.
    } finally {
      button?.removeAttribute('aria-busy')
    }
  }

  keep(page, button) {
    const held = document.activeElement
    for (const id of this.getAttribute('pieces').split(' ')) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)]
      if (old && fresh) old.replaceChildren(...fresh.childNodes)
    }
    if (button) {
      const figure = button.name === 'take' && button.form?.elements.quantity
      const asked = figure && page.querySelector('[name=quantity]')
      if (asked) figure.value = asked.value
    }
    if (!held.isConnected) (held.id && document.getElementById(held.id) || this.querySelector('[name=quantity]'))?.focus()
  }
}
customElements.define('ask-again', AskAgain)
