/** @file Questions to the model and their answers: each question has a number, each answer names it. */

/**
 * A table that must be calculated first takes its time; a lost connection is an error, long
 * before this.
 */
const PATIENCE_MS = 60_000;

/** Sends questions through an anywidget model and actions each answer to who asked. */
export class Requests {
  /** @param {any} model */
  constructor(model) {
    this.model = model;
    this.waiting = new Map();
    // Two views of one widget hear each other's answers: a random start keeps their numbers apart.
    this.last = Math.floor(Math.random() * 2 ** 40);
    this.onMessage = (content, buffers) => this.receive(content, buffers);
    model.on("msg:custom", this.onMessage);
  }

  /**
   * Ask. The answer, or null when there is none in time or it is an error, goes to `answered`.
   * @param {any} question
   * @param {(content: any|null, buffer: ArrayBuffer|DataView|undefined) => void} answered
   */
  ask(question, answered) {
    const request = ++this.last;
    const timer = setTimeout(() => this.receive({re: request, error: "no answer"}), PATIENCE_MS);
    this.waiting.set(request, {answered, timer});
    this.model.send({...question, request});
  }

  /** Say something that has no answer. */
  send(message) {
    this.model.send(message);
  }

  receive(content, buffers) {
    const asked = this.waiting.get(content?.re);
    if (!asked) return;
    this.waiting.delete(content.re);
    clearTimeout(asked.timer);
    asked.answered(content.error ? null : content, buffers?.[0]);
  }

  destroy() {
    for (const {timer} of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
    this.model.off?.("msg:custom", this.onMessage);
  }
}
