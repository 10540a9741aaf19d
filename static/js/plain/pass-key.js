/* <pass-key asks="…" fails="…">: a form whose one answer the device gives. `asks` is where its question comes from; `makes`
   says that a new key is wanted. It stays hidden where the browser has no passkeys: every page has another way. */
class PassKey extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return
    this.hidden = false
    this.addEventListener('click', event => {
      if (!event.target.closest('button')) return
      event.preventDefault()
      this.ask(this.querySelector('form'), event.target.closest('button'))
    })
  }

  async ask(form, button) {
    const say = this.querySelector('[role=status]')
    say.textContent = ''
    button.setAttribute('aria-busy', 'true')
    try {
      const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value })
      const answer = await fetch(this.getAttribute('asks'), { method: 'POST', body })
      if (answer.redirected) return location.assign(answer.url) // It asks first whether it is still you.
      if (!answer.ok) throw new Error(answer.status)
      form.elements.credential.value = JSON.stringify(await this.key(await answer.json()))
      form.submit()
    } catch {
      say.textContent = this.getAttribute('fails')
    } finally {
      button.removeAttribute('aria-busy')
    }
  }

  key(question) {
    return this.hasAttribute('makes')
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) })
  }
}
customElements.define('pass-key', PassKey)
