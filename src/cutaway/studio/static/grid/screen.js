/** @file The canvas in device pixels, the size of the view, and one painting a frame. */

export class Screen {
  /**
   * @param {{scroller: HTMLElement, canvas: HTMLCanvasElement}} elements
   * @param {{resized: () => void, draw: () => void}} grid
   */
  constructor({scroller, canvas}, grid) {
    this.scroller = scroller;
    this.canvas = canvas;
    this.grid = grid;
    this.context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext("2d", {alpha: false})
    );
    this.ratioQuery = /** @type {any} */ (null);
    this.onRatio = () => {};
    this.view = {width: 0, height: 0};
    this.ratio = 1;
    this.pending = 0;
    /** @type {((value?: any) => void)[]} */
    this.drawn = [];
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(scroller);
    this.watchRatio();
  }

  /** Another monitor or another zoom has another number of device pixels per CSS pixel. */
  watchRatio() {
    this.ratioQuery?.removeEventListener("change", this.onRatio);
    this.onRatio = () => {
      this.watchRatio();
      this.resize();
    };
    this.ratioQuery = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    this.ratioQuery.addEventListener("change", this.onRatio);
  }

  /** Take the size that the scroller has now, and paint at once: a canvas is blank after a change of size. */
  resize() {
    const {clientWidth: width, clientHeight: height} = this.scroller;
    const ratio = devicePixelRatio;
    if (width === this.view.width && height === this.view.height && ratio === this.ratio) return;
    this.view = {width, height};
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    this.grid.resized();
    this.drawNow();
  }

  /** Paint in the next frame, once, however often it is asked for. */
  schedule() {
    if (!this.ended) this.pending ||= requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    if (this.view.width && this.view.height) this.grid.draw();
    for (const call of this.drawn.splice(0)) call();
  }

  /** One colour, nothing else. */
  clear(colour) {
    this.context.fillStyle = colour;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Resolves when the next frame is painted. */
  nextFrame() {
    return new Promise((resolve) => {
      this.drawn.push(resolve);
      this.schedule();
    });
  }

  destroy() {
    this.ended = true;
    cancelAnimationFrame(this.pending);
    this.observer.disconnect();
    this.ratioQuery.removeEventListener("change", this.onRatio);
  }
}
