// The history of the channel: messages in order, scrolled to the end unless the reader has scrolled away.

const NEAR_THE_END = 24; // pixels

export class Log {
  #scroller;
  #thread;
  #jump;
  #top = null;
  #pinned = true;
  #size = ""; // of the history, when it was last scrolled to its end

  /** `scroller` holds `thread`, which holds the messages; `jump` leads back to the end. */
  constructor(scroller, thread, jump) {
    this.#scroller = scroller;
    this.#thread = thread;
    this.#jump = jump;
    scroller.addEventListener("scroll", () => this.#scrolled());
    jump.addEventListener("click", () => this.toEnd());
    const observer = new ResizeObserver(() => this.#pinned && this.toEnd()); // pictures arrive late, the composer grows
    observer.observe(scroller);
    observer.observe(thread);
  }

  /** Replace the history; `top` is the welcome above it. Lines of the page's own stay unless `all` is set. */
  reset(top, messages, all = false) {
    const kept = all ? [] : this.#thread.querySelectorAll(".note");
    this.#top = top;
    this.#thread.setAttribute("aria-busy", "true"); // old messages are no news
    this.#thread.replaceChildren(top, ...messages, ...kept);
    requestAnimationFrame(() => this.#thread.removeAttribute("aria-busy"));
  }

  /** Replace only what stands above the history. */
  setTop(top) {
    this.#top.replaceWith(top);
    this.#top = top;
  }

  /** Add a message at the end, or put it in the place of its older self. */
  put(article) {
    const old = this.find(article.dataset.id);
    if (old) {
      const place = controls(old).indexOf(document.activeElement);
      old.replaceWith(article);
      if (place >= 0) refocus(article, place);
      return;
    }
    this.#thread.append(article);
    if (!this.#pinned) this.#jump.textContent = "New messages below";
  }

  find(id) {
    return id ? this.#thread.querySelector(`[data-id="${CSS.escape(id)}"]`) : null;
  }

  toEnd() {
    this.#pinned = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#size = this.#measure();
    this.#jump.hidden = true;
    this.#jump.textContent = "Jump to the newest message";
  }

  #measure() {
    return `${this.#scroller.scrollHeight} in ${this.#scroller.clientHeight}`;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const byReader = this.#size === this.#measure(); // else the window or a message has changed its size
    if (byReader || !this.#pinned) this.#pinned = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    if (this.#pinned) this.toEnd();
    else this.#jump.hidden = false;
  }
}

function controls(article) {
  return [...article.querySelectorAll("[data-control]")];
}

/**
 * Keyboard focus survives a redrawn card: the control in the same place (a bot may give it another custom_id each time),
 * else the first usable one, else the message.
 */
function refocus(article, place) {
  const usable = (control) => control && !control.disabled;
  const all = controls(article);
  (usable(all[place]) ? all[place] : (all.find(usable) ?? article)).focus({ preventScroll: true });
}
