// Keeps one event stream open for as long as somebody looks: opens it again when it breaks, with growing pauses, and
// takes silence for a break. A hidden tab lets go of its stream (a browser allows six to one server over HTTP/1.1).

/** A page's stream says something every few seconds; after this long without a word the line is taken for dead. */
const silenceLimitMilliseconds = 45_000;
const hiddenLimitMilliseconds = 5000;
const stayedMilliseconds = 2000;
const firstPauseMilliseconds = 500;
const longestPauseMilliseconds = 15_000;

/**
 * The pause before try number `tries` (from 0), doubled each time; `share` (0…1) spreads many browsers apart.
 * @param {number} tries
 * @param {number} share
 */
export function pause(tries, share) {
  const longest = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** tries);
  return longest / 2 + (longest / 2) * share;
}

export class StreamKeeper {
  #url;
  #handlers;
  #onState;
  /** @type {EventSource | null} */
  #source = null;
  #tries = 0;
  #timer = 0;
  #hiddenTimer = 0;
  #watchdog = 0;
  #isWanted = false;
  #silenceLimit;

  /**
   * @param {() => string} url asked anew each time
   * @param {Record<string, (event: MessageEvent) => void>} handlers by the event's name
   * @param {(isOpen: boolean) => void} onState
   * @param {number} [silenceLimit] in milliseconds
   */
  constructor(url, handlers, onState, silenceLimit = silenceLimitMilliseconds) {
    this.#silenceLimit = silenceLimit;
    this.#url = url;
    this.#handlers = handlers;
    this.#onState = onState;
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("pagehide", () => this.#drop());
    // Six streams in open windows take all connections to a server: a click could load nothing more. Whoever leaves
    // lets go first, and takes hold again where it was no leaving (a download).
    addEventListener("beforeunload", () => {
      if (!this.#source) return;
      this.#drop();
      this.#timer = setTimeout(() => this.open(), stayedMilliseconds);
    });
    addEventListener("pageshow", (event) => { if (event.persisted && this.#isWanted) this.open(); });
    addEventListener("online", () => { if (this.#isWanted && !this.#source) this.open(); });
  }

  open() {
    this.#isWanted = true;
    this.#drop();
    const source = new EventSource(this.#url());
    this.#source = source;
    source.onopen = () => {
      this.#tries = 0;
      this.#heard();
      this.#onState(true);
    };
    source.onerror = () => this.retry();
    for (const [name, handle] of Object.entries(this.#handlers)) {
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        this.#heard();
        handle(event);
      });
    }
    this.#heard();
  }

  close() {
    this.#isWanted = false;
    this.#drop();
  }

  /** Tries again after a pause: to open the stream, or what else is to be done. */
  retry(action = () => this.open()) {
    this.#isWanted = true;
    this.#drop();
    this.#onState(false);
    this.#timer = setTimeout(action, pause(this.#tries, Math.random()));
    this.#tries += 1;
  }

  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#source?.close();
    this.#source = null;
  }

  #heard() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.open(), this.#silenceLimit);
  }

  #look() {
    clearTimeout(this.#hiddenTimer);
    if (!this.#isWanted) return;
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        this.#drop();
        this.#onState(false);
      }, hiddenLimitMilliseconds);
    } else if (!this.#source) {
      this.#tries = 0;
      this.open();
    }
  }
}
