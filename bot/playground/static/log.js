// The history of the channel: messages in order. What arrives is read from its top, unless the reader is elsewhere.

import { sayOn } from "./language.js";

const NEAR = 24; // pixels
const GAP = 8; // pixels above what is followed
const END = Symbol("the end of the history");

export class Log {
  #scroller;
  #thread;
  #jump;
  #top = null;
  #followed = END; // what stays in view: an element from its top, the end, or null where the reader is elsewhere
  #news = false; // whether something arrived that the reader has not seen
  #place = 0; // where the history was scrolled to, and its size then
  #size = "";

  /** `scroller` holds `thread`, which holds the messages; `jump` leads to the newest. */
  constructor(scroller, thread, jump) {
    this.#scroller = scroller;
    this.#thread = thread;
    this.#jump = jump;
    scroller.addEventListener("scroll", () => this.#scrolled());
    jump.addEventListener("click", () => this.show(this.#newest));
    const observer = new ResizeObserver(() => this.#keep()); // pictures arrive late, the composer grows
    observer.observe(scroller);
    observer.observe(thread);
  }

  /** Replace the history; `top` is the welcome above it. Lines of the page's own stay unless `all` is set. */
  reset(top, messages, all = false) {
    const kept = all ? [] : this.#thread.querySelectorAll(".note");
    const followed = this.#followed === this.#top ? top : this.#followed;
    this.#top = top;
    this.#thread.setAttribute("aria-busy", "true"); // old messages are no news
    this.#thread.replaceChildren(top, ...messages, ...kept);
    requestAnimationFrame(() => this.#thread.removeAttribute("aria-busy"));
    if (all) this.show(this.#newest ?? top);
    else this.show(this.find(followed?.dataset?.id) ?? followed);
  }

  /** Replace only what stands above the history. */
  setTop(top) {
    this.#top.replaceWith(top);
    if (this.#followed === this.#top) this.#followed = top;
    this.#top = top;
  }

  /** Add a message at the end, or put it in the place of its older self. */
  put(article) {
    const old = this.find(article.dataset.id);
    const arrives = !old || (old.querySelector(".thinking") && !article.querySelector(".thinking"));
    const awaited = arrives && this.#atEnd;
    if (old) {
      const place = controls(old).indexOf(document.activeElement);
      old.replaceWith(article);
      if (place >= 0) refocus(article, place);
    } else {
      this.#thread.append(article);
    }
    this.#news ||= arrives && !awaited;
    this.show(awaited || (old && old === this.#followed) ? article : this.#followed);
  }

  find(id) {
    return id ? this.#thread.querySelector(`[data-id="${CSS.escape(id)}"]`) : null;
  }

  /** Bring something into view from its top, or all of it where there is room, and keep it there. */
  show(what) {
    this.#followed = what;
    this.#keep();
  }

  get #newest() {
    return [...this.#thread.querySelectorAll("article")].at(-1);
  }

  get #end() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight;
  }

  get #atEnd() {
    return this.#end - this.#scroller.scrollTop < NEAR;
  }

  /** Scroll to what is followed, and offer the way to the newest message where that is out of view. */
  #keep() {
    if (this.#followed) this.#scroller.scrollTop = Math.min(this.#end, this.#topOf(this.#followed));
    this.#place = this.#scroller.scrollTop;
    this.#size = this.#measure();
    this.#offerJump();
  }

  #topOf(followed) {
    if (!followed.isConnected) return this.#end;
    const { scrollTop } = this.#scroller;
    return scrollTop + followed.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - GAP;
  }

  #measure() {
    return `${this.#scroller.scrollHeight} in ${this.#scroller.clientHeight}`;
  }

  #scrolled() {
    if (this.#size !== this.#measure()) return this.#keep(); // the window or a message has changed its size
    if (this.#scroller.scrollTop === this.#place) return undefined; // this page has scrolled, not the reader
    return this.show(this.#atEnd ? END : null);
  }

  #offerJump() {
    const newest = this.#newest?.getBoundingClientRect().top ?? 0;
    this.#jump.hidden = newest < this.#scroller.getBoundingClientRect().bottom - NEAR;
    if (this.#jump.hidden) this.#news = false;
    sayOn(this.#jump, "text", this.#news ? "New messages below" : "Jump to the newest message");
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
