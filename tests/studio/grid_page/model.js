/** @file A model that plays the server: its numbers are known functions of row and column. */

/** The number of a cell before any edit. */
export function numberAt(row, column) {
  return Math.fround(((row * 31 + column * 17) % 1000) / 1000 - 0.5);
}

export class PlayedModel {
  constructor(state) {
    this.state = state;
    this.listeners = new Map();
    /** Every message that the grid sent. */
    this.sent = [];
    /** Cells that are not `numberAt`: "row column" to number. */
    this.edits = new Map();
    /** How a number is calculated where no edit is. */
    this.number = numberAt;
    this.labels = {row: null, column: null};
    this.ids = {row: null, column: null};
    this.delay = 2;
    /** While true no question is answered; `release` answers them all. */
    this.silent = false;
    this.held = [];
    /** While true every tile is answered with an error. */
    this.broken = false;
    this.saved = 0;
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    this.state[name] = value;
    this.tell(`change:${name}`);
  }

  on(name, listener) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  off(name, listener) {
    this.listeners.set(
      name,
      (this.listeners.get(name) ?? []).filter((known) => known !== listener),
    );
  }

  save_changes() {
    this.saved += 1;
  }

  tell(name, ...values) {
    for (const listener of this.listeners.get(name) ?? []) listener(...values);
  }

  send(message) {
    this.sent.push(message);
    if (this.silent) this.held.push(message);
    else this.answer(message);
  }

  /** Answer what was held back, and everything from now on. */
  release() {
    this.silent = false;
    for (const message of this.held.splice(0)) this.answer(message);
  }

  answer(message) {
    const answer = {
      tile: () => this.tile(message),
      labels: () => this.someLabels(message),
      order: () => this.order(message),
    }[message.do];
    if (answer) setTimeout(() => this.tell("msg:custom", ...answer()), this.delay);
    if (message.do === "edit") this.takeEdit(message);
  }

  order({column, descending, request}) {
    const order = Array.from({length: this.state.table.rows}, (_, row) => row);
    const number = (row) => this.cell(row, column, "now") * (descending ? -1 : 1);
    return [{re: request, order: order.sort((one, other) => number(one) - number(other))}, []];
  }

  tile({row, column, of, rows: chosen, request}) {
    const {rows, columns} = this.state.table;
    const [height, width] = [Math.min(64, rows - row * 64), Math.min(64, columns - column * 64)];
    if (height <= 0 || width <= 0 || this.broken) return [{re: request, error: "no such tile"}, []];
    const numbers = new Float32Array(height * width);
    for (let down = 0; down < height; down++) {
      for (let across = 0; across < width; across++) {
        numbers[down * width + across] = this.cell(
          chosen ? chosen[down] : row * 64 + down,
          column * 64 + across,
          of,
        );
      }
    }
    return [{re: request, rows: height, columns: width}, [new DataView(numbers.buffer)]];
  }

  cell(row, column, of) {
    const edited = of === "now" ? this.edits.get(`${row} ${column}`) : undefined;
    return edited ?? this.number(row, column);
  }

  someLabels({axis, first, count, rows, request}) {
    const label = this.labels[axis] ?? String;
    const indices = rows ?? Array.from({length: count}, (_, index) => first + index);
    return [
      {
        re: request,
        labels: indices.map(label),
        ids: this.ids[axis] ? indices.map(this.ids[axis]) : null,
      },
      [],
    ];
  }

  /** An edit is a new version of the table, as in the real studio. */
  takeEdit({row, column, row_end, column_end, text}) {
    for (let down = row; down <= row_end; down++) {
      for (let across = column; across <= column_end; across++)
        this.edits.set(`${down} ${across}`, Number(text));
    }
    this.set("table", {...this.state.table, version: this.state.table.version + 1});
  }
}
