/* <step-by>: less and more change the figure at once instead of loading the page. */
class StepBy extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', event => {
      const button = event.target.closest('[data-by]')
      const input = this.querySelector('input')
      if (!button || !input) return
      event.preventDefault()
      const [by, min, max] = [Number(button.dataset.by), Number(input.min || 0), Number(input.max || Infinity)]
      const next = Math.min(max, Math.max(min, (Number(input.value) || 0) + by))
      input.value = Number(next.toFixed(3)) // 0.1 + 0.2 must not show its tail.
      input.dispatchEvent(new Event('change', { bubbles: true }))
    })
  }
}
customElements.define('step-by', StepBy)
