// The line to the server: one JSON WebSocket that comes back by itself.

import { say } from "./language.js";

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 8000;

/**
 * Dispatches an event "frame" for each frame from the server, and "open" and "close" as the line comes and goes.
 * A frame that answers something this page asked is also given to the listener it was asked with.
 */
export class Connection extends EventTarget {
  #address;
  #socket = null;
  #wait = FIRST_WAIT;
  #nonce = 0;
  #asked = new Map();

  constructor(address) {
    super();
    this.#address = address;
    this.#connect();
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Send a frame that needs no answer. Returns whether the line was up. */
  send(frame) {
    if (!this.open) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Send a frame and give every frame that answers it to `listener`. Returns its nonce, or null if the line is down. */
  ask(frame, listener) {
    const nonce = this.#nonce + 1;
    if (!this.send({ ...frame, nonce })) return null;
    this.#nonce = nonce;
    this.#asked.set(nonce, listener);
    return nonce;
  }

  /** Send what a person did. `done("")` is called once the bot has taken it, `done(reason)` if that failed. */
  act(frame, done) {
    const nonce = this.ask(frame, (answer) => {
      if (answer.state === "acknowledged") done("");
      else if (answer.state === "failed" || answer.t === "error") done(answer.reason);
    });
    return nonce !== null;
  }

  #connect() {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      this.dispatchEvent(new Event("open"));
    });
    socket.addEventListener("message", (event) => this.#receive(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.#lost());
  }

  #receive(frame) {
    const listener = this.#asked.get(frame.nonce);
    if (isLast(frame)) this.#asked.delete(frame.nonce);
    listener?.(frame);
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #lost() {
    const asked = [...this.#asked];
    this.#asked.clear();
    const reason = say("The connection was lost before an answer came");
    for (const [nonce, listener] of asked) listener({ t: "interaction", nonce, state: "failed", reason });
    this.dispatchEvent(new Event("close"));
    setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}

function isLast(frame) {
  return frame.t === "choices" || frame.t === "error" || (frame.t === "interaction" && frame.state !== "sent");
}
