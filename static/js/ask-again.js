/* <ask-again pieces="price ladder">: asks the same URL again and keeps only the named pieces (ids) of the answer.
   Without JavaScript the forms inside simply load the page. Pieces keep their own element, so live regions speak.
   `url` says what to ask when a figure changes in a form that would post. */
class AskAgain extends HTMLElement {
  connectedCallback() {
    this.addEventListener('submit', this)
    this.addEventListener('change', this)
  }

  handleEvent(event) {
    const button = event.submitter
    const form = event.type === 'submit' ? event.target : event.target.form
    const asks = (button?.getAttribute('formmethod') || form?.getAttribute('method') || 'get').toLowerCase() === 'get'
    if (!form || !(asks || (event.type === 'change' && this.hasAttribute('url')))) return
    event.preventDefault()
    this.ask(form, button)
  }

  async ask(form, button) {
    const address = button?.getAttribute('formaction') || this.getAttribute('url') || form.getAttribute('action') || ''
    const url = new URL(address, location.href)
    const fields = new FormData(form)
    if (button?.name === 'take' && fields.has('quantity')) fields.set('quantity', button.value)
    else if (button?.name) fields.append(button.name, button.value)
    url.search = new URLSearchParams([...fields].filter(([name, value]) => typeof value === 'string' && !name.startsWith('csrf')))
    const mine = (this.latest = {})
    button?.setAttribute('aria-busy', 'true')
    try {
      const answer = await fetch(url, { headers: { 'X-Requested-With': 'ask-again' } })
      if (!answer.ok || answer.redirected) return location.assign(url)
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      if (mine !== this.latest) return // A later question is on its way; its answer is the one that counts.
      this.keep(page, form, button)
      history.replaceState(null, '', url)
    } catch {
      location.assign(url) // No network: let the browser say so in its own words.
    } finally {
      button?.removeAttribute('aria-busy')
    }
  }

  keep(page, form, button) {
    const held = document.activeElement
    for (const id of this.getAttribute('pieces').split(' ')) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)]
      if (old && fresh) old.replaceChildren(...fresh.childNodes)
    }
    const quantity = form.elements.quantity
    if (quantity && button?.name === 'take') quantity.value = page.getElementById(quantity.id)?.value ?? button.value
    if (!held.isConnected) (document.getElementById(held.id) ?? quantity)?.focus()
  }
}
customElements.define('ask-again', AskAgain)
